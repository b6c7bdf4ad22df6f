// The whole program and a proxy for cars: which command it gets, and what a proxy that hangs can do.
#include "tests/e2e/site.hpp"
#include "tests/support/http_server.hpp"

namespace {

using namespace e2e;
using testing::HasSubstr;
using testing::Not;

class Vehicle : public Site {
  protected:
    Vehicle() {
        std::ofstream{folder() / "token"} << "open-sesame\n";
        config["vehicleApi"] = {{"url", "http://127.0.0.1:" + std::to_string(proxy.port())},
                                {"tokenFile", (folder() / "token").string()}};
        config["stop"]["command"] = nlohmann::json::array({"vehicle"});
    }
    /// Runs until the bridge knows which car it is, and stops it.
    void charge_and_stop() {
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge();
        ASSERT_TRUE(in_force("32.00"));
        ASSERT_TRUE(watcher->sees_last("twc/charger/5893/charging", "ON"));
        ASSERT_TRUE(eventually([&] {
            const auto vins = watcher->payloads("twc/charger/5893/vehicle_vin");
            return !vins.empty() && vins.back().size() == 17;
        }));
        watcher->publish("twc/mode/set", "off");
    }

    support::HttpServer proxy;
};

TEST_F(Vehicle, ThatIsPluggedInIsAskedByTheProxyAndTheTokenIsToldToNobodyElse) {
    charge_and_stop();
    ASSERT_TRUE(eventually([&] { return !proxy.request().empty(); }));
    const auto vin = watcher->payloads("twc/charger/5893/vehicle_vin").back();
    EXPECT_THAT(proxy.request(),
                HasSubstr("POST /api/1/vehicles/" + vin + "/command/charge_stop?wait=true "));
    EXPECT_THAT(proxy.request(), HasSubstr("Authorization: Bearer open-sesame\r\n"));
    EXPECT_TRUE(eventually([&] { return logged("charge_stop of its vehicle: accepted"); }));
    EXPECT_FALSE(logged("sesame"));
    EXPECT_TRUE(watcher->payloads("twc/charger/5893/vehicle_request").empty());
}

TEST_F(Vehicle, ByAProxyThatHangsTakesNoHeartbeatAndNoCommandFromAnybody) {
    proxy.hangs = true;
    charge_and_stop();
    ASSERT_TRUE(eventually([&] { return !proxy.request().empty(); }));
    EXPECT_TRUE(in_force("6.00"));
    watcher->publish("twc/mode/set", "fast");
    EXPECT_TRUE(in_force("32.00"));
    watcher->publish("twc/total_limit/set", "20");
    EXPECT_TRUE(in_force("20.00"));
    EXPECT_TRUE(watcher->sees_last("twc/rs485", "online"));
    end_bridge();
}

}  // namespace
