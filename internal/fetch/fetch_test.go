package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "192.0.1.1": true, "172.15.0.1": true, "172.32.0.1": true, "100.63.0.1": true, "223.255.255.255": true,
		"2606:4700::1111": true, "2a00:1450:4001::1": true, "2001:4860:4860::8888": true, "::ffff:8.8.8.8": true,
		"64:ff9b::808:808": true, "2002:808:808::1": true,

		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "127.0.0.1": false, "127.255.255.254": false,
		"169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"100.64.0.1": false, "100.100.100.200": false, "192.0.0.192": false, "192.0.2.1": false, "198.18.0.1": false, "198.19.255.1": false,
		"198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"168.63.129.16": false,
		"::":            false, "::1": false, "::7f00:1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:10.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::808:808": false, "2002:7f00:1::": false, "2002:a00:1::1": false,
		"fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"2001:db8::1": false, "2001::1": false, "2001:10::1": false, "3fff::1": false, "100::1": false, "4000::1": false,
	} {
		if err := public(netip.MustParseAddr(address)); (err == nil) != want || err != nil && !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v, want public %v", address, err, want)
		}
	}
	if err := public(netip.Addr{}); err == nil {
		t.Error("no address is public")
	}
}

func TestGuardTakesAddressesOnly(t *testing.T) {
	for _, c := range [][2]string{{"tcp4", "localhost:80"}, {"unix", "/run/socket"}, {"udp4", "8.8.8.8:53"}, {"tcp6", "[::1]:80"}, {"tcp4", "8.8.8.8"}} {
		if err := guard(c[0], c[1], nil); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", c, err)
		}
	}
	if err := guard("tcp4", "8.8.8.8:443", nil); err != nil {
		t.Error(err)
	}
}

func TestCheckURL(t *testing.T) {
	for _, good := range []string{"http://a.example/x", "https://a.example", "https://a.example:8443/x?y=z#f", "http://[2606:4700::1]/x"} {
		if err := CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "x", "javascript:alert(1)", "JavaScript://a.example/%0aalert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.example/x", "gopher://a.example",
		"https:///x", "https:x", "//a.example/x", "https://u:p@a.example/x", "https://u@a.example/", "https://a.example/a b", "https://a.example/\nx", " https://a.example",
		"https://a.example\\@b.example/", "https://a.example/" + strings.Repeat("x", maxURL), "https://[::1", "http://:80/",
	} {
		if err := CheckURL(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// odd answers as servers do that mean no good.
func odd(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "0123456789") })
	mux.HandleFunc("/gone", http.NotFound)
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "0123456789")
	})
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/file", http.StatusFound) })
	mux.HandleFunc("/circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/circle", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	mux.HandleFunc("/header", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeader))
		fmt.Fprint(w, "0123456789")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestGet(t *testing.T) {
	s := odd(t)
	c := New(Options{AllowPrivate: true})
	for path, says := range map[string]string{
		"/file": "", "/once": "", "/gone": "404", "/endless": "more than 10 bytes", "/short": "unexpected EOF", "/circle": "more than 5 redirects",
		"/away?to=file:///etc/passwd": "no http or https", "/away?to=javascript:alert(1)": "no http or https", "/away?to=https://u:p@a.example/": "password",
		"/header": "header",
	} {
		body, err := c.Get(context.Background(), s.URL+path, 10)
		switch {
		case says == "" && (err != nil || string(body) != "0123456789"):
			t.Errorf("%s: %q, %v", path, body, err)
		case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
			t.Errorf("%s: error %v, want %q in it", path, err, says)
		}
	}
	if _, err := c.Get(context.Background(), s.URL+"/file", 9); err == nil {
		t.Error("one byte too many is taken")
	}
	over := httptest.NewTLSServer(http.RedirectHandler(s.URL+"/file", http.StatusFound))
	defer over.Close()
	c.http.Transport.(*http.Transport).TLSClientConfig = over.Client().Transport.(*http.Transport).TLSClientConfig
	if _, err := c.Get(context.Background(), over.URL, 10); err == nil || !strings.Contains(err.Error(), "https to http") {
		t.Errorf("from https to http: %v", err)
	}
}

// The guard looks at what is connected to: names, odd spellings of addresses and
// redirects lead nowhere, and no request is sent.
func TestGuard(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "[::1]", "127.1", "2130706433", "0x7f000001", "localhost."} {
		if _, err := c.Get(context.Background(), "http://"+host+":"+port+"/", 10); err == nil {
			t.Errorf("%s is fetched from", host)
		}
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		if _, err := c.Get(context.Background(), "http://"+host+":"+port+"/", 10); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
	// A proxy inside must not be asked in place of the guard.
	t.Setenv("HTTP_PROXY", s.URL)
	t.Setenv("http_proxy", s.URL)
	if _, err := New(Options{}).Get(context.Background(), "http://192.0.2.1:"+port+"/", 10); !errors.Is(err, ErrPrivate) {
		t.Errorf("through a proxy: %v", err)
	}
	if asked > 0 {
		t.Errorf("%d requests were sent", asked)
	}
}

// A public server that redirects inwards: the second connection is refused.
func TestGuardOfRedirects(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Error("the inside is asked") }))
	defer inside.Close()
	outside := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusFound))
	defer outside.Close()
	c := New(Options{})
	transport := c.http.Transport.(*http.Transport)
	guarded := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "public.example:80" {
			return new(net.Dialer).DialContext(ctx, network, outside.Listener.Addr().String())
		}
		return guarded(ctx, network, address)
	}
	if _, err := c.Get(context.Background(), "http://public.example/", 10); !errors.Is(err, ErrPrivate) {
		t.Errorf("error %v", err)
	}
}

func TestRaw(t *testing.T) {
	const raw = "https://raw.githubusercontent.com/acme/art/"
	for at, want := range map[string]string{
		"https://github.com/acme/art/blob/master/icons/rocket.svg":          raw + "master/icons/rocket.svg",
		"https://www.github.com/acme/art/blob/v1.0/rocket.svg?raw=true":     raw + "v1.0/rocket.svg",
		"http://github.com/acme/art/tree/main/schema/a%20b.json":            raw + "main/schema/a%20b.json",
		"https://github.com/acme/art/raw/main/rocket.png#L1":                raw + "main/rocket.png",
		"https://GitHub.com/acme/art/blob/main/rocket.svg":                  raw + "main/rocket.svg",
		"https://gitlab.com/acme/deep/art/-/blob/main/icons/rocket.svg":     "https://gitlab.com/acme/deep/art/-/raw/main/icons/rocket.svg",
		"https://git.acme.example/acme/art/-/blob/main/rocket.svg?ref=main": "https://git.acme.example/acme/art/-/raw/main/rocket.svg",
		"https://bitbucket.org/acme/art/src/main/rocket.svg":                "https://bitbucket.org/acme/art/raw/main/rocket.svg",
	} {
		if got := Raw(at); got != want {
			t.Errorf("%s becomes %s, want %s", at, got, want)
		}
	}
	for _, same := range []string{
		"https://github.com/acme/art", "https://github.com/acme/art/blob/main", "https://github.com/acme/art/issues/1/x/y", raw + "main/rocket.svg",
		"https://github.com.evil.example/acme/art/blob/main/rocket.svg", "https://a.example/x.svg", "none", "", "https://a.example/-/blob",
		"https://a.example/a/blob/main/x.svg", ":",
	} {
		if got := Raw(same); got != same {
			t.Errorf("%s becomes %s", same, got)
		}
	}
}
