// The disk is full or cannot be written: commands act, nothing is shown as kept that is not, and all is well
// again when there is room.
#include <sys/mount.h>

#include <functional>

#include "tests/faults/faults.hpp"

namespace faults {
namespace {

class Disk : public Faults {
  protected:
    /// A small one, where the settings are.
    bool mount_small() {
        mounted_ = mount("tmpfs", settings().c_str(), "tmpfs", 0, "size=16k") == 0;
        return mounted_;
    }
    bool remount(unsigned long flags) {
        return mount("tmpfs", settings().c_str(), "tmpfs", MS_REMOUNT | flags, "size=16k") == 0;
    }
    void TearDown() override {
        Faults::TearDown();
        if (mounted_) umount2(settings().c_str(), MNT_DETACH);
    }
    [[nodiscard]] std::filesystem::path settings() const { return folder() / "settings"; }
    void expect_trouble_and_its_end(const std::string& fault, const std::string& sentence,
                                    const std::function<void()>& mend) {
        watcher->publish("twc/total_limit/set", "20");
        EXPECT_TRUE(in_force("20.00"));
        EXPECT_TRUE(logged(sentence));
        EXPECT_TRUE(watcher->sees_last("twc/problem", "ON"));
        const auto since = Clock::now();
        mend();
        EXPECT_TRUE(logged("settings: stored again"));
        EXPECT_TRUE(watcher->sees_last("twc/total_limit", "20"));
        recovers(fault, since, 70s);
        EXPECT_TRUE(watcher->sees_last("twc/problem", "OFF"));
        expect_steady_heartbeats();
    }

  private:
    bool mounted_ = false;
};

TEST_F(Disk, ThatIsFull) {
    if (!mount_small()) GTEST_SKIP() << "not run: a small disk cannot be mounted here";
    start_charge();
    ASSERT_TRUE(eventually([this] { return std::filesystem::exists(settings() / "settings.json"); }));
    std::ofstream{settings() / "ballast"} << std::string(20'000, 'x');
    expect_trouble_and_its_end("disk full", "No space left on device",
                               [this] { std::filesystem::remove(settings() / "ballast"); });
}

TEST_F(Disk, ThatIsReadOnly) {
    if (!mount_small()) GTEST_SKIP() << "not run: a small disk cannot be mounted here";
    start_charge();
    ASSERT_TRUE(eventually([this] { return std::filesystem::exists(settings() / "settings.json"); }));
    if (!remount(MS_RDONLY)) GTEST_SKIP() << "not run: a disk cannot be made read-only here";
    expect_trouble_and_its_end("disk read-only", "Read-only file system", [this] { remount(0); });
}

}  // namespace
}  // namespace faults
