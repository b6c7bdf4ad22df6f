// A real broker on a free port of the loopback, in a folder of its own, gone with the object.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace support {

/// Starts a program of PATH with its output thrown away.
inline pid_t spawn(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
        posix_spawn_file_actions_addopen(&quiet, output, "/dev/null", O_WRONLY, 0);
    }
    pid_t child = -1;
    const int error = posix_spawnp(&child, arguments[0], &quiet, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&quiet);
    if (error != 0) throw std::runtime_error{"cannot start " + words.front()};
    return child;
}

/// Runs a program to its end; throws unless it succeeds.
inline void run(const std::vector<std::string>& words) {
    int status = 0;
    if (waitpid(spawn(words), &status, 0) < 0 || status != 0)
        throw std::runtime_error{words.front() + " failed"};
}

class Mosquitto {
  public:
    /// Lines are added to its configuration; "@" in them becomes its folder. Not started yet.
    explicit Mosquitto(const std::string& more_lines = "allow_anonymous true\n") : port_{free_port()} {
        std::string pattern = (std::filesystem::temp_directory_path() / "mosquitto-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no folder for mosquitto"};
        folder_ = pattern;
        std::string lines = more_lines;
        for (auto place = lines.find('@'); place != std::string::npos; place = lines.find('@')) {
            lines.replace(place, 1, folder_.string());
        }
        std::ofstream{folder_ / "mosquitto.conf"} << "listener " << port_ << " 127.0.0.1\npersistence false\n"
                                                  << "log_dest none\n"
                                                  << (geteuid() == 0 ? "user root\n" : "") << lines;
    }
    ~Mosquitto() {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Mosquitto(const Mosquitto&) = delete;
    Mosquitto& operator=(const Mosquitto&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

    /// Returns when it accepts connections.
    void start() {
        // Debian keeps it where only root's PATH leads.
        const std::string program =
            std::filesystem::exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        process_ = spawn({program, "-c", (folder_ / "mosquitto.conf").string()});
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!accepts()) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error{"mosquitto does not listen"};
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    }
    /// As when the machine it runs on loses power; nothing it stored survives.
    void kill() {
        if (process_ < 0) return;
        ::kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        process_ = -1;
    }
    /// Connections stay open and nothing is answered any more.
    void pause() const { ::kill(process_, SIGSTOP); }
    void resume() const { ::kill(process_, SIGCONT); }

  private:
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }
    static std::uint16_t free_port() {
        const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto address = loopback(0);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        const bool bound = bind(probe, any, size) == 0 && getsockname(probe, any, &size) == 0;
        close(probe);
        if (!bound) throw std::runtime_error{"no free port"};
        return ntohs(address.sin_port);
    }
    [[nodiscard]] bool accepts() const {
        const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = loopback(port_);
        const bool connected =
            connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        close(probe);
        return connected;
    }

    std::uint16_t port_;
    std::filesystem::path folder_;
    pid_t process_ = -1;
};

}  // namespace support
