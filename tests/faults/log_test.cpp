// Whoever reads what the program logs stands still.
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/faults/faults.hpp"

namespace faults {
namespace {

/// A pipe with no room left in it, in the place of a file.
class FullPipe {
  public:
    explicit FullPipe(std::filesystem::path path) : path_{std::move(path)} {
        EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
        end_ = open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        const std::string filling(4096, '.');
        while (write(end_, filling.data(), filling.size()) > 0) continue;
    }
    ~FullPipe() {
        close(end_);
        std::filesystem::remove(path_);
    }
    FullPipe(const FullPipe&) = delete;
    FullPipe& operator=(const FullPipe&) = delete;

  private:
    std::filesystem::path path_;
    int end_ = -1;
};

TEST_F(Faults, AReaderOfTheLogThatStandsStill) {
    start_broker();
    remember_charger();
    start_chargers();
    const FullPipe log{folder() / "bridge2.err"};
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));
    recovers("nobody reads the log", Clock::now(), prompt);
    end_bridge();
    expect_steady_heartbeats();
}

}  // namespace
}  // namespace faults
