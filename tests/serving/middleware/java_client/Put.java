import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** A CRM in Java as it comes: no version is chosen, so each request asks to go on in HTTP/2. */
public class Put {
    public static void main(String[] given) throws Exception {
        var client = HttpClient.newHttpClient();
        for (int at = 0; at < 3; at++) {
            var asked = HttpRequest.newBuilder(URI.create(given[0] + "/v1/leads/J-" + at));
            var body = BodyPublishers.ofString(given[1]);
            var put = asked.header("Content-Type", "application/json").PUT(body).build();
            System.out.println(client.send(put, BodyHandlers.ofString()).statusCode());
            System.out.println(client.send(asked.copy().GET().build(), BodyHandlers.ofString()).statusCode());
        }
    }
}
