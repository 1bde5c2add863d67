<?php
// Answers /reverse?text=abc, everything else with 404.
$url = parse_url($_SERVER['REQUEST_URI']);
parse_str($url['query'] ?? '', $words);
header('Content-Type: text/plain');
if ($url['path'] === '/reverse' && isset($words['text'])) {
    echo strrev($words['text']), "\n";
} else {
    http_response_code(404);
    echo "not found\n";
}
