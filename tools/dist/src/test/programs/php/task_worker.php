<?php
// The article's worker of a pipeline: task_worker.php TASKS RESULTS
$context = new ZMQContext();
$receiver = new \ZMQSocket($context, ZMQ::SOCKET_PULL);
$receiver->connect($argv[1]);
$sender = new \ZMQSocket($context, ZMQ::SOCKET_PUSH);
$sender->connect($argv[2]);
while (true) {
    $string = $receiver->recv();
    usleep((int) $string * 10);
    $sender->send("");
}
