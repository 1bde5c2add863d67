// Answers /fibonacci/N with JSON, exact beyond 2^53; everything else with 404.
'use strict';
const http = require('node:http');

function fibonacci(n) {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < n; i++) [a, b] = [b, a + b];
  return a;
}

http.createServer((request, response) => {
  const word = /^\/fibonacci\/(\d{1,4})$/.exec(request.url);
  response.setHeader('Content-Type', word ? 'application/json' : 'text/plain');
  response.statusCode = word ? 200 : 404;
  response.end(word ? JSON.stringify({ n: Number(word[1]), fibonacci: String(fibonacci(word[1])) }) + '\n' : 'not found\n');
}).listen(8000);
