// The bodies of Asio's and Beast's functions, compiled once instead of in each file that calls them.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
