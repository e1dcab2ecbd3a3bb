<?php
// The article's subscriber of pushed configuration: config_subscriber.php PUBLISHED HELLO NAME
$context = new ZMQContext(2);
$sub = new ZMQSocket($context, ZMQ::SOCKET_SUB);
$sub->connect($argv[1]);
$sub->setSockOpt(ZMQ::SOCKOPT_SUBSCRIBE, "");
$client = $context->getSocket(ZMQ::SOCKET_REQ);
$client->connect($argv[2]);
$client->send($argv[3]);
$version = $client->recv();
echo $version . "\n";
$vars = json_decode($sub->recv(), true);
echo "taoke_bts " . var_export($vars["taoke_bts"]["enable"], true) . "\n";
