#include "bridge/password_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <ios>

namespace bridge {
namespace {

constexpr std::size_t longest_password = 65535;  // of MQTT

}  // namespace

std::string read_password(const config::Mqtt& mqtt) {
    if (!mqtt.password_file) return {};
    std::ifstream file{*mqtt.password_file, std::ios::binary};
    std::string password(longest_password, '\0');
    file.read(password.data(), static_cast<std::streamsize>(password.size()));
    password.resize(static_cast<std::size_t>(file.gcount()));
    password.resize(std::min(password.find('\n'), password.size()));
    if (password.ends_with('\r')) password.pop_back();
    return password;
}

std::vector<std::string> empty_secrets(const config::Config& config) {
    const auto& mqtt = config.mqtt;
    if (!mqtt.password_file || !read_password(mqtt).empty()) return {};
    return {*mqtt.password_file + ": its first line is empty, and so is the password"};
}

std::vector<std::string> exposed_secrets(const config::Config& config) {
    std::vector<std::string> sentences;
    const auto token = config.vehicle_api ? config.vehicle_api->token_file : std::nullopt;
    for (const auto& file : {config.mqtt.password_file, config.mqtt.key_file, token}) {
        struct stat facts{};
        if (!file || ::stat(file->c_str(), &facts) != 0 || (facts.st_mode & S_IROTH) == 0) continue;
        sentences.push_back(*file +
                            ": every user of this machine can read it; take that right away: chmod o-r");
    }
    return sentences;
}

}  // namespace bridge
