// Preloaded into a program: its clock on the wall jumps by as many seconds as the first number of a file
// says, and waits that end at a time on the wall see it jump; the time since the machine was started jumps by
// the second number, as if the machine had been suspended. The steady clock is left alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace {

constexpr long nanoseconds = 1'000'000'000;

template <class Function>
Function original(const char* name, const char* version) {
    return reinterpret_cast<Function>(version == nullptr ? dlsym(RTLD_NEXT, name)
                                                         : dlvsym(RTLD_NEXT, name, version));
}

int real_clock(clockid_t clock, timespec* time) {
    static const auto function = original<int (*)(clockid_t, timespec*)>("clock_gettime", nullptr);
    return function(clock, time);
}

/// In seconds.
struct Ahead {
    long on_the_wall = 0;
    long since_start = 0;
};

Ahead ahead() {
    static const char* const path = std::getenv("JUMPING_CLOCK");  // NOLINT(concurrency-mt-unsafe)
    const int kept = errno;
    const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    char text[32]{};
    const auto size = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    errno = kept;
    if (size <= 0) return {};
    char* rest = nullptr;
    const long on_the_wall = std::strtol(text, &rest, 10);
    return {on_the_wall, std::strtol(rest, nullptr, 10)};
}

bool before(const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const int result = real_clock(clock, time);
    const bool on_the_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (result == 0 && on_the_wall) time->tv_sec += ahead().on_the_wall;
    if (result == 0 && clock == CLOCK_BOOTTIME) time->tv_sec += ahead().since_start;
    return result;
}

int gettimeofday(timeval* time, void*) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* result) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (result != nullptr) *result = now.tv_sec;
    return now.tv_sec;
}

/// In slices: as with a clock that really jumps, one that goes back makes a wait longer, also while it lasts.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
    static const auto wait = original<Wait>("pthread_cond_timedwait", "GLIBC_2.3.2");
    for (;;) {
        timespec slice{};
        real_clock(CLOCK_REALTIME, &slice);
        slice.tv_nsec += nanoseconds / 20;
        slice.tv_sec += slice.tv_nsec / nanoseconds;
        slice.tv_nsec %= nanoseconds;
        const int result = wait(condition, mutex, &slice);
        if (result != ETIMEDOUT) return result;
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        if (!before(now, *until)) return ETIMEDOUT;
    }
}
}
