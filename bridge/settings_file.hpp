// Settings on disk: a file that is always whole, and the thread that keeps it fresh.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "bridge/core/settings.hpp"
#include "bridge/descriptor.hpp"
#include "twc/expected.hpp"

namespace bridge {

/// settings.json in one directory. Blocks while the disk works. Whatever kills the program or the power, the
/// file holds the settings of the last save that succeeded, or of one that came after it.
class SettingsFile {
  public:
    explicit SettingsFile(std::filesystem::path directory) : directory_{std::move(directory)} {}

    struct Loaded {
        Settings settings;                  ///< the defaults if there is no good file
        std::optional<std::string> remark;  ///< for the log: what was wrong, and what became of the file
    };
    /// A missing file is no reason for a remark. One that is corrupt is kept as settings.json.corrupt-<n>, of
    /// which the ten newest stay. A sentence if there is one that cannot be read now, and may be whole.
    [[nodiscard]] twc::Expected<Loaded, std::string> load() const;
    /// Keeps other programs off the directory while the descriptor is open; it is none where there is no such
    /// directory. A sentence if another has it already.
    [[nodiscard]] twc::Expected<Descriptor, std::string> claim() const;
    /// Nothing, or a sentence that says why the settings may not be stored; a whole file is there all the
    /// same.
    [[nodiscard]] std::optional<std::string> save(const Settings&) const;

  private:
    std::filesystem::path directory_;
};

/// Saves on a thread of its own, so that a slow disk holds up nobody. Only the newest settings matter:
/// what was handed over earlier and not yet begun is skipped.
class SettingsWriter {
  public:
    struct Result {
        std::uint64_t revision = 0;  ///< of the settings that were written: those before it are on disk, too
        std::optional<std::string> error;  ///< a sentence; the settings were not saved
    };
    using Handler = std::function<void(const Result&)>;

    /// The handler is called on the executor, whose context must outlive the writer.
    SettingsWriter(SettingsFile file, boost::asio::any_io_executor executor, Handler on_saved);
    /// Waits for the save under way and saves what is still pending: two saves at most.
    ~SettingsWriter();
    SettingsWriter(const SettingsWriter&) = delete;
    SettingsWriter& operator=(const SettingsWriter&) = delete;

    /// Returns at once. Revisions rise.
    void save(std::uint64_t revision, Settings settings);

  private:
    struct Pending {
        std::uint64_t revision;
        Settings settings;
    };

    void work();
    /// Waits for something to save; nothing when the writer ends.
    std::optional<Pending> next();

    SettingsFile file_;
    boost::asio::any_io_executor executor_;
    Handler on_saved_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::optional<Pending> pending_;
    bool ending_ = false;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace bridge
