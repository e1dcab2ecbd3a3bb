<?php
// The article's client in PHP: hello_client.php COUNT ADDRESS...
$context = new ZMQContext(1);
$client = new ZMQSocket($context, ZMQ::SOCKET_REQ);
for ($i = 2; $i < $argc; $i++) {
    $client->connect($argv[$i]);
}
for ($request_nbr = 0; $request_nbr != (int) $argv[1]; $request_nbr++) {
    $client->send("Hello");
    $reply = $client->recv();
    printf("Received reply %d: [%s]\n", $request_nbr, $reply);
}
