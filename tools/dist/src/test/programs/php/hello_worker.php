<?php
// The article's server in PHP, behind a broker: hello_worker.php ADDRESS NAME
$context = new ZMQContext(1);
$server = new \ZMQSocket($context, ZMQ::SOCKET_REP);
$server->connect($argv[1]);
while (true) {
    $request = $server->recv();
    $server->send("World from " . $argv[2]);
}
