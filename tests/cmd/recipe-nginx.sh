# The nginx recipe's test, against stand-ins for wget: it must fail when anything is not as it should be.
. "$SRCDIR/tests/tap.sh"
page=$SRCDIR/recipes/nginx/files/usr/share/nginx/html/index.html
mkdir bin

# serve MISSING-STATUS LAST-BAD: a wget that serves the page; request number LAST-BAD differs
serve() {
	rm -f count
	cat >bin/wget <<END
#!/bin/sh
file=/dev/stdout
while :; do
	case \$1 in
	-O) [ "\$2" = - ] || file=\$2; shift 2 ;;
	-*) shift ;;
	*) break ;;
	esac
done
for url; do
	echo x >>"$PWD/count"
	case \$url in
	http://192.0.2.7:80/) cat "$page" >>"\$file" ;;
	*/no-such-page) echo "wget: server returned error: HTTP/1.1 $1" >&2; case "$1" in 2*) exit 0 ;; esac; exit 1 ;;
	*) exit 4 ;;
	esac
	[ "\$(grep -c x "$PWD/count")" -ne $2 ] || echo more >>"\$file"
done
END
	chmod +x bin/wget
}
run() { PATH=$PWD/bin:$PATH TINYX_GUEST_IP=192.0.2.7 sh "$SRCDIR/recipes/nginx/test.sh" >out 2>&1; }

serve '404 Not Found' 0
check "a server that does its work passes" run
check "... the page is printed" grep -qF "$(sed -n 5p "$page")" out
check "... with 102 requests" test "$(grep -c x count)" -eq 102
fails() {
	if run; then fail "$1"; else check "$1" grep -q "FAILED: .*$2" out; fi
}
serve '404 Not Found' 1
fails "another page fails" "not the recipe's"
serve '200 OK' 0
fails "a missing page that is served fails" "does not exist was served"
serve '500 Internal Server Error' 0
fails "another error than 404 fails" "no 404"
serve '404 Not Found' 102
fails "the hundredth request counts" "did not give the same page"
printf '#!/bin/sh\nexit 4\n' >bin/wget
fails "no server fails" "cannot be fetched"
finish
