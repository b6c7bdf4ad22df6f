# shellcheck shell=bash
# What the scripts of this folder share: the project's place, its packages, its builds. Sourced, never run.
# TWCBRIDGE=PROGRAM in the environment makes the others use that executable instead of building one.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps mosquitto and debootstrap, often not in a user's path

build_packages=(g++ cmake ninja-build ccache libpaho-mqttpp-dev libpaho-mqtt-dev nlohmann-json3-dev
    libssl-dev libspdlog-dev libcli11-dev)
test_packages=(libgtest-dev libgmock-dev clang-tidy-19 clang-format-19 shellcheck git procps ser2net iproute2 iptables)
broker_packages=(mosquitto mosquitto-clients)

say() { printf '%s\n' "$*"; }
stop() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null; }

# The Boost to install, or nothing when its headers are new enough. Debian 12's libboost-dev is 1.74, too old.
boost_package() {
    local version
    version=$(sed -n 's/^#define BOOST_VERSION //p' /usr/include/boost/version.hpp 2>/dev/null || true)
    if [[ ${version:-0} -ge 108100 ]]; then return; fi
    if grep -qs '^VERSION_ID="12"' /etc/os-release; then say libboost1.81-dev; else say libboost-dev; fi
}

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || say "$package"
    done
}

# --no-remove: on Debian 12 libboost1.81-dev and libboost-dev exclude each other, and which goes is the owner's choice.
apt_install() {
    "$@" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends --no-remove "${missing[@]}" </dev/null >"$apt_log" 2>&1
}
apt_update() { "$@" apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null >>"$apt_log" 2>&1; }

# install_packages PURPOSE PACKAGE…: installs those that are missing; fails with a sentence when it cannot.
install_packages() {
    local purpose=$1 as_root=() missing apt_log
    shift
    have dpkg-query || {
        say "This is no Debian: looking for no packages for $purpose; on Debian they are: $*"
        return
    }
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    local by_hand="sudo apt-get install --no-install-recommends ${missing[*]}"

    if [[ $EUID -ne 0 ]]; then
        have sudo || stop "packages for $purpose are missing and there is no sudo; as root, run: ${by_hand#sudo }"
        as_root=(sudo)
        [[ -t 0 ]] || as_root=(sudo -n)
        "${as_root[@]}" true || stop "packages for $purpose are missing; please run: $by_hand"
    fi
    say "Installing for $purpose: ${missing[*]}"
    if [[ " ${missing[*]} " == *" mosquitto "* && -d /run/systemd/system ]]; then
        say "  Debian's mosquitto package also starts a broker of its own on port 1883; its configuration is left alone."
    fi
    apt_log=$(mktemp)
    # Package lists may be absent or outdated; only then are they fetched.
    if ! apt_install "${as_root[@]}" && ! { apt_update "${as_root[@]}" && apt_install "${as_root[@]}"; }; then
        grep -E '^(E|Err|W):' "$apt_log" | tail -n 5 >&2 || true
        rm -f "$apt_log"
        if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]] && [[ -n $(dpkg-query -W -f='${Version}' libboost1.74-dev 2>/dev/null) ]]; then
            say "libboost1.81-dev would take the place of libboost1.74-dev (they exclude each other), which is for you to decide." >&2
        fi
        stop "could not install packages for $purpose; please run: sudo apt-get update && $by_hand"
    fi
    rm -f "$apt_log"
}

install_build_packages() {
    local boost
    boost=$(boost_package)
    install_packages "building" "${build_packages[@]}" ${boost:+"$boost"}
}

# The mirror this machine has its own packages from.
debian_mirror() {
    local mirror
    mirror=$(sed -nE 's/^(deb|URIs:)( \[[^]]*\])? ?(https?:[^ ]+).*/\3/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1 || true)
    say "${mirror:-http://deb.debian.org/debian}"
}

# As many compilers as there are processors and memory for: one can take 1 GB.
jobs_at_once() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)
    if [[ $memory -lt $processors ]]; then processors=$memory; fi
    if [[ $processors -lt 1 ]]; then processors=1; fi
    say "$processors"
}

# compile FOLDER TARGETS [CMAKE OPTION]…: configures and builds. Nothing of ccache depends on where the project lies.
compile() {
    local folder=$1 targets
    read -ra targets <<<"$2"
    shift 2
    if have ccache; then
        export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1
        set -- -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "$@"
    fi
    cmake -S "$project" -B "$folder" -G Ninja -Wno-dev --log-level=NOTICE "$@"
    cmake --build "$folder" --target "${targets[@]}" --parallel "$(jobs_at_once)"
}

# The executable, and its release build.
program() { say "${TWCBRIDGE:-$project/build/twcbridge}"; }
build_program() {
    [[ -z ${TWCBRIDGE:-} ]] || return 0
    install_build_packages
    compile "$project/build" twcbridge -DCMAKE_BUILD_TYPE=Release -DTWCBRIDGE_TESTS=OFF
}

# free_port: a TCP port of the loopback that nobody answers on.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 30000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    say "$port"
}

# start_broker FOLDER: a private mosquitto, reachable from this machine only; sets broker_pid and broker_port.
start_broker() {
    local folder=$1 attempt
    for attempt in 1 2 3 4 5; do
        broker_port=$(free_port)
        printf '%s\n' "listener $broker_port 127.0.0.1" "allow_anonymous true" "persistence false" \
            >"$folder/mosquitto.conf"
        # In a session of its own: a Ctrl-C is for the script, which ends everything in order.
        setsid mosquitto -c "$folder/mosquitto.conf" >"$folder/mosquitto.log" 2>&1 &
        broker_pid=$!
        for _ in {1..50}; do
            kill -0 "$broker_pid" 2>/dev/null || continue 2 # somebody took the port in the meantime
            if (exec 3<>"/dev/tcp/127.0.0.1/$broker_port") 2>/dev/null; then return; fi
            sleep 0.1
        done
    done
    stop "mosquitto does not start ($attempt attempts): $(tail -n 1 "$folder/mosquitto.log")"
}

# end_processes PID…: asks, waits five seconds, then insists.
end_processes() {
    local pid
    kill "$@" 2>/dev/null || true
    for _ in {1..50}; do
        for pid in "$@"; do
            kill -0 "$pid" 2>/dev/null && sleep 0.1 && continue 2
        done
        break
    done
    kill -KILL "$@" 2>/dev/null || true
    wait "$@" 2>/dev/null || true
}
