import com.sun.net.httpserver.HttpServer;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetSocketAddress;

/** Answers /fibonacci/N with the number, exact however large; everything else with 404. */
class Fibonacci {
  static BigInteger fibonacci(int n) {
    BigInteger a = BigInteger.ZERO, b = BigInteger.ONE;
    for (int i = 0; i < n; i++) {
      BigInteger sum = a.add(b);
      a = b;
      b = sum;
    }
    return a;
  }

  public static void main(String[] arguments) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(8000), 16);
    server.createContext("/", exchange -> {
      String path = exchange.getRequestURI().getPath();
      boolean good = path.matches("/fibonacci/[0-9]{1,4}");
      String text = good ? fibonacci(Integer.parseInt(path.substring(11))).toString() : "not found";
      byte[] body = (text + "\n").getBytes();
      exchange.sendResponseHeaders(good ? 200 : 404, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    });
    server.start();
  }
}
