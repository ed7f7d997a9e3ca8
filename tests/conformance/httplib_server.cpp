// A stock httplib::Server, for tests/conformance/compare.mjs: GET /livez is 200, the rest 404. It listens on a free
// port of 127.0.0.1, prints its version and that port, and ends when its input does.
#include <httplib.h>

#include <cstdio>
#include <thread>

int main() {
  httplib::Server server;
  server.set_read_timeout(1);  // seconds; as short as nginx's in the comparison
  server.Get("/livez",
             [](const httplib::Request&, httplib::Response& response) { response.set_content("ok\n", "text/plain"); });
  // Which requests ran is told by their ids.
  server.set_post_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    response.set_header("X-Request-Id", request.get_header_value("X-Request-Id"));
  });

  const int port = server.bind_to_any_port("127.0.0.1");
  if (port < 0) {
    std::fputs("conformance_httplib: no port is free\n", stderr);
    return 1;
  }
  std::printf("%s\n%d\n", CPPHTTPLIB_VERSION, port);
  std::fflush(stdout);
  std::thread until_input_ends([&server] {
    server.wait_until_ready();  // before that, a stop would be lost
    while (std::getchar() != EOF) continue;
    server.stop();
  });
  server.listen_after_bind();
  until_input_ends.join();
  return 0;
}
