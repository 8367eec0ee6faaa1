package fetch

import (
	"fmt"
	"net/netip"
)

func prefixes(list ...string) (all []netip.Prefix) {
	for _, p := range list {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}

// Addresses that lead to no stranger's public server, by the special-purpose
// registries of IANA (RFC 6890 and its successors): this host, its networks,
// metadata services, documentation, multicast and what is reserved.
var (
	notPublic4 = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32") // the last is a cloud's metadata service

	// public6 is what IPv6 has for public servers, but for notPublic6 in it.
	public6    = netip.MustParsePrefix("2000::/3")
	notPublic6 = prefixes("2001::/23", "2001:db8::/32", "3fff::/20")

	// Addresses that hold an IPv4 address, which then is what counts.
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // in the last 4 bytes
	sixToFour = netip.MustParsePrefix("2002::/16")    // in bytes 2 to 5
)

// public says whether an address is one of public servers. The error names it.
func public(ip netip.Addr) error {
	shown := ip
	ip = ip.WithZone("").Unmap()
	if b := ip.As16(); ip.Is6() {
		switch {
		case nat64.Contains(ip):
			ip = netip.AddrFrom4([4]byte(b[12:16]))
		case sixToFour.Contains(ip):
			ip = netip.AddrFrom4([4]byte(b[2:6]))
		}
	}
	ok := ip.IsValid() && (ip.Is4() || public6.Contains(ip))
	for _, list := range [][]netip.Prefix{notPublic4, notPublic6} {
		for _, p := range list {
			ok = ok && !p.Contains(ip)
		}
	}
	if !ok {
		return fmt.Errorf("%s is %w", shown, ErrPrivate)
	}
	return nil
}
