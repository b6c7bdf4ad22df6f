// Settings on disk: a file that is always whole, and the thread that keeps it fresh.
#include "bridge/settings_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/json.hpp"

namespace bridge {
namespace {

constexpr std::string_view file_name = "settings.json";
constexpr std::string_view temporary_name = "settings.json.tmp";
constexpr std::string_view corrupt_prefix = "settings.json.corrupt-";
constexpr std::size_t kept_corrupt = 10;

/// "cannot write /var/lib/twcbridge/settings.json.tmp: No space left on device", from errno.
std::string failure(std::string_view what, const std::filesystem::path& path) {
    return "cannot " + std::string{what} + ' ' + path.string() + ": " +
           std::generic_category().message(errno);
}

/// In place of what a crash may have left there, whoever owns it.
std::optional<std::string> write_durably(const std::filesystem::path& path, std::string_view text) {
    constexpr mode_t owner_and_group = 0640;
    ::unlink(path.c_str());
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_and_group)};
    if (file.get() < 0) return failure("open", path);
    if (::fchmod(file.get(), owner_and_group) != 0) return failure("set the permissions of", path);
    if (!write_all(file.get(), text) || ::fsync(file.get()) != 0 || !file.close())
        return failure("write", path);
    return std::nullopt;
}

/// Without this a rename may be lost with the power.
std::optional<std::string> sync_directory(const std::filesystem::path& path) {
    const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) return failure("sync", path);
    return std::nullopt;
}

/// The content of a file, no more than a valid one could have, or a sentence.
twc::Expected<std::string, std::string> read_file(int file, const std::filesystem::path& path) {
    std::string text;
    std::array<char, 4096> block{};
    while (text.size() <= config::max_bytes) {
        const auto count = ::read(file, block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return twc::Unexpected{failure("read", path)};
        if (count == 0) break;
        text.append(block.data(), static_cast<std::size_t>(count));
    }
    return text;
}

bool is_plain_file(int file) {
    struct stat status{};
    return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/// The numbers of the corrupt files kept so far, in rising order.
std::vector<std::uint64_t> corrupt_numbers(const std::filesystem::path& directory) {
    std::vector<std::uint64_t> numbers;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{directory, error}, end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (!name.starts_with(corrupt_prefix)) continue;
        std::uint32_t number = 0;
        const auto* const last = name.data() + name.size();
        const auto [rest, failed] = std::from_chars(name.data() + corrupt_prefix.size(), last, number);
        if (failed == std::errc{} && rest == last) numbers.push_back(number);
    }
    std::ranges::sort(numbers);
    return numbers;
}

/// Renames a file that is of no use out of the way, for the next save would replace it. A sentence part: what
/// became of it.
std::string put_aside(const std::filesystem::path& directory) {
    const auto name_of = [&](std::uint64_t number) {
        return directory / (std::string{corrupt_prefix} + std::to_string(number));
    };
    auto numbers = corrupt_numbers(directory);
    numbers.push_back(numbers.empty() ? 1 : numbers.back() + 1);
    const auto target = name_of(numbers.back());
    std::error_code error;
    std::filesystem::rename(directory / file_name, target, error);
    if (error) return "it cannot be renamed: " + error.message();
    const auto surplus = numbers.size() - std::min(numbers.size(), kept_corrupt);
    for (std::size_t i = 0; i < surplus; ++i) {
        std::filesystem::remove(name_of(numbers[i]), error);
        if (error)
            return "kept as " + target.string() + ", an older one cannot be removed: " + error.message();
    }
    return "kept as " + target.string();
}

}  // namespace

twc::Expected<SettingsFile::Loaded, std::string> SettingsFile::load() const {
    const auto path = directory_ / file_name;
    // O_NONBLOCK: a pipe in its place would wait for a writer.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return Loaded{};
    if (file.get() < 0) return twc::Unexpected{failure("open", path)};
    if (!is_plain_file(file.get()))
        return Loaded{{}, path.string() + " is no file, " + put_aside(directory_)};
    const auto text = read_file(file.get(), path);
    if (!text) return twc::Unexpected{text.error()};
    auto settings = settings_from_json(*text);
    if (settings) return Loaded{std::move(*settings), std::nullopt};
    return Loaded{{}, path.string() + " is corrupt (" + settings.error() + "), " + put_aside(directory_)};
}

twc::Expected<Descriptor, std::string> SettingsFile::claim() const {
    Descriptor directory{::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.get() >= 0 && ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return twc::Unexpected{"another twcbridge that runs keeps its settings in " + directory_.string() +
                               ": end it, or give this one a \"settingsPath\" of its own"};
    return directory;
}

std::optional<std::string> SettingsFile::save(const Settings& settings) const {
    const auto temporary = directory_ / temporary_name;
    if (auto error = write_durably(temporary, to_json(settings))) return error;
    if (::rename(temporary.c_str(), (directory_ / file_name).c_str()) != 0)
        return failure("rename", temporary);
    return sync_directory(directory_);
}

SettingsWriter::SettingsWriter(SettingsFile file, boost::asio::any_io_executor executor, Handler on_saved)
    : file_{std::move(file)},
      executor_{std::move(executor)},
      on_saved_{std::move(on_saved)},
      thread_{[this] { work(); }} {}

SettingsWriter::~SettingsWriter() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void SettingsWriter::save(std::uint64_t revision, Settings settings) {
    {
        const std::lock_guard lock{mutex_};
        pending_ = Pending{revision, std::move(settings)};
    }
    changed_.notify_one();
}

std::optional<SettingsWriter::Pending> SettingsWriter::next() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return pending_ || ending_; });
    return std::exchange(pending_, std::nullopt);
}

void SettingsWriter::work() {
    while (const auto pending = next()) {
        const Result result{pending->revision, file_.save(pending->settings)};
        boost::asio::post(executor_, [handler = on_saved_, result] { handler(result); });
    }
}

}  // namespace bridge
