// Sends commands for cars to a Fleet API proxy over HTTP or HTTPS. A thread of its own does all of it, so
// that nothing that hangs, be it a proxy, a name or a disk, touches the loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "bridge/core/vehicle_requests.hpp"
#include "config/config.hpp"

namespace bridge {

class VehicleHttp {
  public:
    using Handler = std::function<void(std::uint64_t call, const HttpReply&)>;

    /// The handler is called on the executor, once for each call, `patience` after it at the latest; the
    /// executor's context must outlive this. HTTPS needs TLS 1.2, a certificate from caFile (else from those
    /// that the system trusts), and the name of the host in it.
    VehicleHttp(config::VehicleApi, boost::asio::any_io_executor, Handler,
                std::chrono::milliseconds patience = std::chrono::seconds{30});
    /// Drops what is under way.
    ~VehicleHttp();
    VehicleHttp(const VehicleHttp&) = delete;
    VehicleHttp& operator=(const VehicleHttp&) = delete;

    /// Returns at once. The token is read from its file now, and appears in no log line.
    void send(const VehicleCall&);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace bridge
