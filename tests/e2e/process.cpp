#include "tests/e2e/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/eventually.hpp"

namespace e2e {

namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    for (auto& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
}

/// Ours without what systemd says to the service that the tests may run in.
std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
    std::vector<std::string> result;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text{*variable};
        if (!text.starts_with("NOTIFY_SOCKET=") && !text.starts_with("WATCHDOG_")) result.push_back(text);
    }
    result.insert(result.end(), variables.begin(), variables.end());
    return result;
}

}  // namespace

std::string content(const std::filesystem::path& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

Process::Process(std::vector<std::string> arguments, const std::filesystem::path& log,
                 const std::vector<std::string>& variables)
    : out_{log.string() + ".out"}, err_{log.string() + ".err"} {
    std::array<int, 2> input{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
    input_ = input[1];
    arguments.insert(arguments.begin(), TWCBRIDGE_PROGRAM);
    auto surroundings = environment_with(variables);
    constexpr int create = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    posix_spawn_file_actions_t files{};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out_.c_str(), create, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err_.c_str(), create, 0600);
    const int error = ::posix_spawn(&process_, TWCBRIDGE_PROGRAM, &files, nullptr, pointers(arguments).data(),
                                    pointers(surroundings).data());
    posix_spawn_file_actions_destroy(&files);
    ::close(input[0]);
    if (error != 0) throw std::runtime_error{"cannot start the program"};
}

Process::~Process() {
    if (runs()) {
        send(SIGKILL);
        end_within(std::chrono::seconds{10});
    }
    ::close(input_);
}

void Process::send(int signal) const { ::kill(process_, signal); }

void Process::write_line(const std::string& text) const {
    const auto line = text + '\n';
    if (::write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error{"the program does not read"};
}

bool Process::runs() {
    int status = 0;
    if (!status_ && ::waitpid(process_, &status, WNOHANG) == process_)
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return !status_;
}

std::optional<int> Process::end_within(std::chrono::milliseconds patience) {
    support::eventually([this] { return !runs(); }, patience);
    return status_;
}

long Process::resident_kilobytes() const {
    std::ifstream status{"/proc/" + std::to_string(process_) + "/status"};
    for (std::string word; status >> word;) {
        long kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes) return kilobytes;
    }
    throw std::runtime_error{"the program has ended"};
}

}  // namespace e2e
