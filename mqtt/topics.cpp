// Every topic of the bridge, in one place.
#include "mqtt/topics.hpp"

namespace broker {

std::string Topics::site(std::string_view leaf) const {
    std::string topic{base_};
    topic += '/';
    topic += leaf;
    return topic;
}

std::string Topics::charger(std::string_view key, std::string_view leaf) const {
    std::string topic{base_};
    topic += "/charger/";
    topic += key;
    topic += '/';
    topic += leaf;
    return topic;
}

}  // namespace broker
