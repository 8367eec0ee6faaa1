package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// metrics are what /metrics shows. Labels are of closed sets: endpoint kinds,
// methods, statuses, and the types of the catalog.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	types    *prometheus.CounterVec
	known    func(string) bool
	handler  http.Handler
}

func newMetrics(known func(string) bool) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "argosy_requests_total", Help: "Requests answered, by endpoint, method and status; status 0 was aborted.",
		}, []string{"kind", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "argosy_request_seconds", Help: "Seconds to answer, by endpoint.",
			Buckets: []float64{.0005, .001, .005, .01, .05, .1, .5, 1, 5, 30, 120},
		}, []string{"kind"}),
		types: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "argosy_manifests_total", Help: "Manifests pulled and pushed, by method and artifact type.",
		}, []string{"method", "type"}),
		known: known,
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.seconds, m.types, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) count(method string, note *v2.Note, status int, took time.Duration) {
	kind := note.Kind
	if kind == "" {
		kind = "none"
	}
	method = methodLabel(method)
	m.requests.WithLabelValues(kind, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
	if note.Type != "" {
		id := note.Type
		if m.known != nil && !m.known(id) {
			id = "unknown"
		}
		m.types.WithLabelValues(method, id).Inc()
	}
}

// methodLabel bounds the label: a client may send any word.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
