// Preloaded into a program: its name server does not answer for half a minute, whatever is asked. Addresses
// are no question to it.
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

#include <cctype>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto original = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node != nullptr && std::isalpha(static_cast<unsigned char>(*node)) != 0) {
        sleep(30);
        return EAI_AGAIN;
    }
    return original(node, service, hints, found);
}
