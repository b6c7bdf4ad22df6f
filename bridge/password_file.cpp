#include "bridge/password_file.hpp"

#include <sys/stat.h>

#include <fstream>

namespace bridge {

std::string read_password(const config::Mqtt& mqtt) {
    std::string password;
    if (!mqtt.password_file) return password;
    std::ifstream file{*mqtt.password_file};
    std::getline(file, password);
    if (password.ends_with('\r')) password.pop_back();
    return password;
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
