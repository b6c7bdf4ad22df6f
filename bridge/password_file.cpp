#include "bridge/password_file.hpp"

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

}  // namespace bridge
