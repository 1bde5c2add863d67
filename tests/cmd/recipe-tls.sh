# The tls-terminator recipe's keys: the test's authority is the one beside it, and the server's certificate is by it,
# for the name that the test asks for, and valid for long.
. "$SRCDIR/tests/tap.sh"
recipe=$SRCDIR/recipes/tls-terminator
sed -n '/^-----BEGIN/,/^-----END/p' "$recipe/test.sh" >ca.pem
check_same "the test has the authority's certificate" "$recipe/test-ca/ca.pem" ca.pem
if ! command -v openssl >/dev/null 2>&1; then
	skip "the certificates" "openssl is not installed"
	finish
fi
pem=$recipe/files/etc/tls/server.pem
check "the server's certificate is by it" openssl verify -CAfile ca.pem -verify_hostname tls.test "$pem"
check "... in ten years, too" openssl verify -CAfile ca.pem -attime $(($(date +%s) + 10 * 365 * 86400)) "$pem"
openssl pkey -in "$pem" -pubout >key 2>err
openssl x509 -in "$pem" -noout -pubkey >certified 2>>err
check_same "... and for the key beside it" key certified

# New keys by the same authority, and by another one.
cp -R "$recipe/test-ca" .
check "a new key and certificate" test-ca/make server new.pem
check "... by the same authority" openssl verify -CAfile ca.pem -verify_hostname tls.test new.pem
check "... is another one" sh -c '! cmp -s new.pem "$1"' sh "$pem"
check "a new authority" test-ca/make ca
check "... by which the old certificate is not" sh -c '! openssl verify -CAfile test-ca/ca.pem "$1"' sh "$pem"
finish
