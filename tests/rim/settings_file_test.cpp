// The settings on a real disk: whole and newest whatever happens in between.
#include "bridge/settings_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace bridge {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Settings with_energy(std::int64_t energy) {
    Settings settings;
    auto& charger = settings.chargers["5893"];
    charger.known = {twc::TwcId{0x5893}, twc::Protocol::v2, twc::Centiamps{3200}};
    charger.energy = energy;
    return settings;
}

std::int64_t energy_of(const Settings& settings) {
    const auto charger = settings.chargers.find("5893");
    return charger == settings.chargers.end() ? -1 : charger->second.energy;
}

/// A directory of its own for each test, removed with all it holds.
class SettingsFiles : public testing::Test {
  protected:
    void SetUp() override {
        auto name = testing::TempDir() + "settings_XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { fs::remove_all(directory_); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{directory_ / name} << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream{directory_ / name}.rdbuf();
        return text.str();
    }
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator{directory_}, fs::directory_iterator{}));
    }

    fs::path directory_;
};

class SettingsWriters : public SettingsFiles {};

/// No file can be opened meanwhile.
class OutOfDescriptors {
  public:
    OutOfDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        const int next = dup(STDIN_FILENO);
        close(next);
        const rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
    }
    ~OutOfDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    OutOfDescriptors(const OutOfDescriptors&) = delete;
    OutOfDescriptors& operator=(const OutOfDescriptors&) = delete;

  private:
    rlimit before_{};
};

TEST_F(SettingsFiles, MissingFileMeansDefaultsWithoutRemark) {
    const auto loaded = SettingsFile{directory_}.load();
    EXPECT_EQ(loaded->settings, Settings{});
    EXPECT_EQ(loaded->remark, std::nullopt);
}

TEST_F(SettingsFiles, SavedSettingsComeBack) {
    const SettingsFile file{directory_};
    EXPECT_EQ(file.save(with_energy(1)), std::nullopt);
    EXPECT_EQ(file.save(with_energy(2)), std::nullopt);
    const auto loaded = file.load();
    EXPECT_EQ(loaded->settings, with_energy(2));
    EXPECT_EQ(loaded->remark, std::nullopt);
    EXPECT_EQ(count(), 1U);
}

TEST_F(SettingsFiles, OnlyOwnerAndGroupMayRead) {
    write("settings.json.tmp", "");
    fs::permissions(directory_ / "settings.json.tmp", fs::perms::all);
    const auto mask = umask(0);
    EXPECT_EQ(SettingsFile{directory_}.save(with_energy(1)), std::nullopt);
    umask(mask);
    EXPECT_EQ(static_cast<unsigned>(fs::status(directory_ / "settings.json").permissions()), 0640U);
}

TEST_F(SettingsFiles, LeftoverTemporaryFileIsHarmless) {
    const SettingsFile file{directory_};
    ASSERT_EQ(file.save(with_energy(7)), std::nullopt);
    write("settings.json.tmp", std::string(100'000, '{'));
    EXPECT_EQ(file.load()->settings, with_energy(7));
    EXPECT_EQ(file.save(with_energy(8)), std::nullopt);
    EXPECT_EQ(file.load()->settings, with_energy(8));
}

TEST_F(SettingsFiles, CorruptFileIsPutAsideAndSaidSo) {
    write("settings.json", "{\"version\": 1");
    const auto loaded = SettingsFile{directory_}.load();
    EXPECT_EQ(loaded->settings, Settings{});
    ASSERT_TRUE(loaded->remark);
    EXPECT_TRUE(
        loaded->remark->starts_with((directory_ / "settings.json").string() + " is corrupt (line 1, "));
    EXPECT_TRUE(loaded->remark->ends_with("kept as " + (directory_ / "settings.json.corrupt-1").string()))
        << *loaded->remark;
    EXPECT_EQ(read("settings.json.corrupt-1"), "{\"version\": 1");
    EXPECT_FALSE(fs::exists(directory_ / "settings.json"));
}

TEST_F(SettingsFiles, TenNewestCorruptFilesStayAndNoneIsOverwritten) {
    const SettingsFile file{directory_};
    write("settings.json.corrupt-note", "not ours");
    for (int round = 1; round <= 13; ++round) {
        write("settings.json", std::to_string(round));
        ASSERT_TRUE(file.load()->remark);
    }
    EXPECT_EQ(count(), 11U);
    for (int round = 4; round <= 13; ++round) {
        EXPECT_EQ(read("settings.json.corrupt-" + std::to_string(round)), std::to_string(round));
    }
    EXPECT_EQ(read("settings.json.corrupt-note"), "not ours");
}

TEST_F(SettingsFiles, OversizedFileIsCorrupt) {
    write("settings.json", std::string(3'000'000, ' '));
    const auto loaded = SettingsFile{directory_}.load();
    ASSERT_TRUE(loaded->remark);
    EXPECT_NE(loaded->remark->find("expected at most 1048576 bytes"), std::string::npos) << *loaded->remark;
}

TEST_F(SettingsFiles, FileSystemErrorsAreSentences) {
    write("plain", "");
    const SettingsFile below_a_file{directory_ / "plain"};
    EXPECT_EQ(below_a_file.save({}),
              "cannot open " + (directory_ / "plain/settings.json.tmp").string() + ": Not a directory");
    EXPECT_EQ(below_a_file.load()->remark, std::nullopt) << "there is none, as the first save will say";
    const SettingsFile nowhere{directory_ / "missing"};
    EXPECT_EQ(nowhere.save({}), "cannot open " + (directory_ / "missing/settings.json.tmp").string() +
                                    ": No such file or directory");
    EXPECT_EQ(nowhere.load()->remark, std::nullopt);

    fs::create_directory(directory_ / "settings.json");
    EXPECT_EQ(SettingsFile{directory_}.save({}),
              "cannot rename " + (directory_ / "settings.json.tmp").string() + ": Is a directory");
}

TEST_F(SettingsFiles, WhatIsNoFileIsPutAside) {
    const SettingsFile file{directory_};
    const auto path = (directory_ / "settings.json").string();
    fs::create_directory(path);
    EXPECT_EQ(file.load()->remark, path + " is no file, kept as " + path + ".corrupt-1");
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(file.load()->remark, path + " is no file, kept as " + path + ".corrupt-2");
    EXPECT_EQ(file.save(with_energy(1)), std::nullopt);
    EXPECT_EQ(file.load()->settings, with_energy(1));
    EXPECT_TRUE(fs::is_directory(path + ".corrupt-1"));
}

TEST_F(SettingsFiles, OneThatCannotBeReadNowStaysWhereItIs) {
    const SettingsFile file{directory_};
    ASSERT_EQ(file.save(with_energy(1)), std::nullopt);
    const auto path = (directory_ / "settings.json").string();
    {
        const OutOfDescriptors none_left;
        const auto loaded = file.load();
        ASSERT_FALSE(loaded);
        EXPECT_EQ(loaded.error(), "cannot open " + path + ": Too many open files");
    }
    EXPECT_EQ(file.load()->settings, with_energy(1));
}

TEST_F(SettingsFiles, BelongToOneProgramAtATime) {
    const SettingsFile file{directory_};
    {
        const auto first = file.claim();
        ASSERT_TRUE(first);
        const auto second = file.claim();
        ASSERT_FALSE(second);
        EXPECT_THAT(second.error(),
                    HasSubstr("another twcbridge that runs keeps its settings in " + directory_.string()));
    }
    EXPECT_TRUE(file.claim());
    EXPECT_TRUE(SettingsFile{directory_ / "missing"}.claim()) << "which the first save will tell";
}

TEST_F(SettingsFiles, LeftoverOfAnotherOwnerIsReplacedAndNotWrittenThrough) {
    write("other", "untouched");
    fs::create_symlink(directory_ / "other", directory_ / "settings.json.tmp");
    EXPECT_EQ(SettingsFile{directory_}.save(with_energy(1)), std::nullopt);
    EXPECT_EQ(read("other"), "untouched");
    EXPECT_FALSE(fs::is_symlink(directory_ / "settings.json"));
}

TEST_F(SettingsFiles, DirectoryWithoutWritePermissionIsAnErrorAndTheOldFileStays) {
    if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    const SettingsFile file{directory_};
    ASSERT_EQ(file.save(with_energy(1)), std::nullopt);
    fs::permissions(directory_, fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_EQ(file.save(with_energy(2)),
              "cannot open " + (directory_ / "settings.json.tmp").string() + ": Permission denied");
    fs::permissions(directory_, fs::perms::owner_all);
    EXPECT_EQ(file.load()->settings, with_energy(1));
}

/// Saves 1, 2, 3, … above `start` for ever, and reports each number once it is saved.
[[noreturn]] void save_for_ever(const SettingsFile& file, std::int64_t start, int confirmations) {
    for (auto energy = start + 1;; ++energy) {
        if (file.save(with_energy(energy))) _exit(1);
        if (::write(confirmations, &energy, sizeof energy) != sizeof energy) _exit(2);
    }
}

/// Starts such a process, kills it `life` after its first report, and returns the last number it reported.
std::int64_t save_until_killed(const SettingsFile& file, std::int64_t start, std::chrono::microseconds life) {
    constexpr int patience = 10'000;  // ms
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) return -1;
    const auto child = fork();
    if (child == 0) save_for_ever(file, start, pipe_ends[1]);
    ::close(pipe_ends[1]);
    pollfd report{.fd = pipe_ends[0], .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&report, 1, patience), 1) << "the writing process saves nothing";
    std::this_thread::sleep_for(life);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writing process ended by itself: " << status;
    auto confirmed = start;
    while (::read(pipe_ends[0], &confirmed, sizeof confirmed) == sizeof confirmed) {
    }
    ::close(pipe_ends[0]);
    return confirmed;
}

TEST_F(SettingsFiles, SurviveAThousandKillsWithoutLosingAConfirmedSave) {
    const SettingsFile file{directory_};
    std::mt19937 random{7};  // NOLINT(*-msc51-cpp): the moments differ by themselves
    std::int64_t energy = 0;
    ASSERT_EQ(file.save(with_energy(energy)), std::nullopt);
    for (int round = 0; round < 1000; ++round) {
        const auto confirmed = save_until_killed(file, energy, std::chrono::microseconds{random() % 8'000});
        ASSERT_GT(confirmed, energy);
        const auto loaded = file.load();
        ASSERT_EQ(loaded->remark, std::nullopt);
        energy = energy_of(loaded->settings);
        ASSERT_GE(energy, confirmed);
        ASSERT_LE(energy, confirmed + 1);
    }
}

TEST_F(SettingsWriters, ReportsEachSaveOnTheExecutor) {
    boost::asio::io_context context;
    const auto work = boost::asio::make_work_guard(context);
    std::vector<std::uint64_t> revisions;
    const auto caller = std::this_thread::get_id();
    SettingsWriter writer{SettingsFile{directory_}, context.get_executor(),
                          [&](const SettingsWriter::Result& result) {
                              EXPECT_EQ(std::this_thread::get_id(), caller);
                              EXPECT_EQ(result.error, std::nullopt);
                              revisions.push_back(result.revision);
                          }};
    for (std::uint64_t revision = 1; revision <= 3; ++revision) {
        writer.save(revision, with_energy(static_cast<std::int64_t>(revision)));
        context.run_one_for(std::chrono::seconds{10});
        EXPECT_EQ(SettingsFile{directory_}.load()->settings,
                  with_energy(static_cast<std::int64_t>(revision)));
    }
    EXPECT_EQ(revisions, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(SettingsWriters, NewestSettingsWin) {
    boost::asio::io_context context;
    std::vector<std::uint64_t> revisions;
    {
        SettingsWriter writer{
            SettingsFile{directory_}, context.get_executor(),
            [&](const SettingsWriter::Result& result) { revisions.push_back(result.revision); }};
        for (std::uint64_t revision = 1; revision <= 5000; ++revision) {
            writer.save(revision, with_energy(static_cast<std::int64_t>(revision)));
        }
    }
    context.run();
    ASSERT_FALSE(revisions.empty());
    EXPECT_TRUE(std::ranges::is_sorted(revisions));
    EXPECT_EQ(revisions.back(), 5000U);
    EXPECT_LT(revisions.size(), 5000U);
    EXPECT_EQ(SettingsFile{directory_}.load()->settings, with_energy(5000));
}

TEST_F(SettingsWriters, EndSavesWhatIsPending) {
    boost::asio::io_context context;
    for (std::int64_t round = 0; round < 50; ++round) {
        SettingsWriter{SettingsFile{directory_}, context.get_executor(), [](const auto&) {}}.save(
            1, with_energy(round));
        ASSERT_EQ(SettingsFile{directory_}.load()->settings, with_energy(round));
    }
}

TEST_F(SettingsWriters, FailureIsReportedAndTheNextSaveIsTried) {
    boost::asio::io_context context;
    const auto work = boost::asio::make_work_guard(context);
    std::vector<bool> failed;
    SettingsWriter writer{
        SettingsFile{directory_ / "later"}, context.get_executor(),
        [&](const SettingsWriter::Result& result) { failed.push_back(result.error.has_value()); }};
    writer.save(1, with_energy(1));
    context.run_one_for(std::chrono::seconds{10});
    fs::create_directory(directory_ / "later");
    writer.save(2, with_energy(2));
    context.run_one_for(std::chrono::seconds{10});
    EXPECT_EQ(failed, (std::vector<bool>{true, false}));
    EXPECT_EQ(SettingsFile{directory_ / "later"}.load()->settings, with_energy(2));
}

}  // namespace
}  // namespace bridge
