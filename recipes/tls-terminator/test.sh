#!/bin/sh
# Runs on the Xen host: a request by TLS 1.3 whose certificate is checked, against an authority and a name; what is
# wrong (another authority, another name, an older protocol, no TLS) must be refused, and nothing of the page be had.
set -eu
die() {
	echo "FAILED: $*"
	exit 1
}
# As in test-ca/ca.pem (tests/cmd/recipe-tls.sh compares the two).
cat >/tmp/ca.pem <<'X'
-----BEGIN CERTIFICATE-----
MIIBsDCCAVWgAwIBAgIIXDut5eLcC5swCgYIKoZIzj0EAwIwOTEXMBUGA1UEAwwO
VGVzdCBhdXRob3JpdHkxHjAcBgNVBAoMFXRpbnl4OiBmb3IgdGVzdHMgb25seTAg
Fw0yMDAxMDEwMDAwMDBaGA8yMDk5MTIzMTIzNTk1OVowOTEXMBUGA1UEAwwOVGVz
dCBhdXRob3JpdHkxHjAcBgNVBAoMFXRpbnl4OiBmb3IgdGVzdHMgb25seTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABGsSljM4+RIvfUWK6ZKoD9ccB4UG3OnlLGOC
81RvSrAgB+Emhqwfn74egEcATCXHm7pwRJ7em6RCV7qJkOzz3gSjRTBDMBIGA1Ud
EwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgIEMB0GA1UdDgQWBBSzuvkVRsh5
doLNBAa2aG2S0x5b0jAKBggqhkjOPQQDAgNJADBGAiEAvLiVyyTL/YQREtJBvKk4
OWaqo+YU/1e3bp3eN5vBZeYCIQD0KTQkJVyQ325nekeo1QOc+xx046ctFgbJlpnp
w0bRrg==
-----END CERTIFICATE-----
X
page='This is the plain backend.'

# request OPTION...: an HTTP request over TLS; what was said goes to /tmp/said.
request() {
	printf 'GET / HTTP/1.0\r\nHost: tls.test\r\n\r\n' | timeout 20 openssl s_client -connect "$TINYX_GUEST_IP:$TINYX_GUEST_PORT" -servername tls.test \
		-verify_return_error -ign_eof "$@" >/tmp/said 2>&1
}
refused() { # WHAT REASON OPTION...
	what=$1 reason=$2
	shift 2
	if request "$@"; then die "$what was not refused"; fi
	if grep -q "$page" /tmp/said; then die "$what: the page was given nevertheless"; fi
	grep -qiE "$reason" /tmp/said || { cat /tmp/said; die "$what: refused, but not because of that"; }
	echo "refused: $what ($(grep -oiE -m 1 "$reason" /tmp/said))"
}

# The backend may come a moment later.
left=5
until request -CAfile /tmp/ca.pem -verify_hostname tls.test -tls1_3 && grep -q "$page" /tmp/said; do
	left=$((left - 1))
	[ $left -gt 0 ] || { cat /tmp/said; die "no page by TLS 1.3 with the test's authority"; }
	sleep 1
done
grep -q 'Verify return code: 0 (ok)' /tmp/said || die "the certificate was not verified"
grep -q '^New, TLSv1.3, ' /tmp/said || die "the protocol is not TLS 1.3"
echo "the page of the backend by $(grep -m 1 '^New, TLSv1.3' /tmp/said), its certificate verified"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Another authority' -days 30 \
	-config /dev/null -keyout /dev/null -out /tmp/other.pem 2>/tmp/said || { cat /tmp/said; die "no other authority"; }
refused "another authority" 'unable to get local issuer certificate|self.signed certificate' -CAfile /tmp/other.pem -tls1_3
refused "another name" 'hostname mismatch' -CAfile /tmp/ca.pem -verify_hostname other.test -tls1_3
refused "TLS 1.2" 'protocol version' -CAfile /tmp/ca.pem -tls1_2
if timeout 10 wget -q -O - "http://$TINYX_GUEST_IP:$TINYX_GUEST_PORT/" 2>/dev/null | grep -q "$page"; then
	die "the page came without TLS"
fi
for port in 80 8080; do
	if timeout 5 wget -q -O - "http://$TINYX_GUEST_IP:$port/" 2>/dev/null | grep -q "$page"; then
		die "the backend can be reached without TLS"
	fi
done
echo "without TLS there is no page"
