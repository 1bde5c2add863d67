# The Debian package: built, judged, unpacked, and its program run from where it would be installed.
. "$SRCDIR/tests/tap.sh"
for tool in dh lintian dpkg-buildpackage; do
	command -v $tool >/dev/null || {
		skip "the Debian package" "there is no $tool here: scripts/setup --tests"
		finish
	}
done
# Whether it is optimised makes no difference to what lintian says, but minutes.
export DEB_BUILD_OPTIONS=noopt
check "it is built, and lintian has nothing to say" sh -c '"$SRCDIR/scripts/deb" "$PWD/out" >out.txt 2>&1 || { cat out.txt; false; }'
check "not a word" sh -c '! grep -E "^[EWIP]:" out.txt'
version=$("$TINYX" version | sed -n 's/^tinyx //p')
check "it has the program's version" test -s "out/tinyx_${version}_amd64.deb"
dpkg-deb -x "out/tinyx_${version}_amd64.deb" root
check "the programs are where architecture's files belong" sh -c 'test -x root/usr/bin/tinyx -a -x root/usr/libexec/tinyx/tinyx-confine && ! find root/usr/share -name "tinyx-*" -type f ! -name "*.gz" | grep .'
check "completion and manual are in" test -s root/usr/share/bash-completion/completions/tinyx -a -s root/usr/share/man/man1/tinyx.1.gz
# Every package that the program calls for is one that the package depends on.
check "what setup installs for builds is what the package depends on" sh -c '
	dpkg-deb -f "$1" Depends Recommends | tr ",|" "\n\n" | sed "s/^[A-Za-z]*: //; s/^ *//; s/[ (:].*//" | sort -u >depends
	sed -n "s/^\t\t\(kernel\|rootfs\|xen\) //p" "$SRCDIR/scripts/setup" | grep -vx "debootstrap\|linux-libc-dev" | sort -u >needs
	comm -13 depends needs >missing; cat missing; ! test -s missing' sh "out/tinyx_${version}_amd64.deb"
if unshare --map-root-user --mount true 2>/dev/null; then
	check "installed, it finds its data and its programs" unshare --map-root-user --mount sh -c '
		mkdir up work merged && mount -t overlay -o lowerdir=/usr,upperdir=up,workdir=work overlay merged 2>/dev/null ||
			{ mount -t tmpfs tmpfs merged && mkdir merged/bin && for p in /usr/*; do [ "$p" = /usr/bin ] || ln -s "/old$p" merged/; done; exit 77; }
		cp -R root/usr/. merged/ && mount --bind merged /usr && cd / &&
		TINYX_CACHE=$1/cache TINYX_MIRROR=http://127.0.0.1:9 /usr/bin/tinyx doctor data sandbox | tee "$1/said" | grep -q "^good  data  */usr/share/tinyx" &&
		grep -q "^good  sandbox" "$1/said"' sh "$PWD"
else
	skip "installed, it finds its data and its programs" "no user namespaces here"
fi
finish
