// unixcat SOCKET: what stdin says goes to the socket, and what comes from there to stdout, until it ends.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Some bytes from one to the other; false at the end.
static int pass(int from, int to) {
  char bytes[4096];
  ssize_t n = read(from, bytes, sizeof bytes);
  return n > 0 && write(to, bytes, (size_t)n) == n;
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (argc != 2 || fd < 0 || strlen(argv[1]) >= sizeof address.sun_path) return 2;
  memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    perror(argv[1]);
    return 1;
  }
  struct pollfd watched[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
  while (poll(watched, 2, -1) > 0) {
    if (watched[0].revents && !pass(fd, 1)) return 0;
    if (watched[1].revents && !pass(0, fd)) watched[1].fd = -1;
  }
  return 1;
}
