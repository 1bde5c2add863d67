# tinyx features: every feature with what it is, what it costs and what asks for it.
. "$SRCDIR/tests/tap.sh"

"$TINYX" features >all 2>err
check "the list: status 0" test $? -eq 0 -a ! -s err
sed -n 's/^\([a-z][a-z0-9-]*\) .*/\1/p' all >a
for f in "$SRCDIR"/kconfig-heuristics/features/*.config; do
	f=${f##*/}
	echo "${f%.config}"
done | sort >b
sort a >c
check_same "it has all features" b c
check "each has its cost" test "$(grep -c '^ *cost: ' all)" -eq "$(grep -c . a)"
check "each has what asks for it" test "$(awk '/^[a-z]/ { n++; seen = 0 } /asked for by/ && !seen { k++; seen = 1 } END { print n - k }' all)" -eq 0
check "the list has no options" sh -c '! grep -q CONFIG_ all'

"$TINYX" features smp ipv6 -v >two 2>err
check "two of them" test "$(grep -c '^[a-z]' two)" -eq 2
check "... with their options" grep -q 'CONFIG_SMP=y  # ' two
"$TINYX" features hardening >out 2>err
check "what stands by default says when" grep -q 'asked for by fact net:port' out
check "... and that no search takes it out" grep -q 'then as if by name: no search takes it out' out
"$TINYX" features smb >out 2>err
check "an unknown one: status 2" test $? -eq 2 -a ! -s out
check "... and the near one is named" grep -q "'smb' is not a feature; did you mean 'smp'" err

"$TINYX" features block >xen 2>err
"$TINYX" features block -p qemu-microvm >microvm 2>err
check "a platform has its own drivers" sh -c 'grep -q XEN_BLKDEV xen && ! grep -q VIRTIO xen && grep -q VIRTIO_BLK microvm && ! grep -q XEN_ microvm'
check "... and its own cost" sh -c 'grep -q "(Linux .*, xen-pv)" xen && ! grep -q "xen-pv" microvm'

# A cost that was measured is shown.
cp -R "$SRCDIR/kconfig-heuristics" .
mkdir data
ln -s "$PWD/kconfig-heuristics" data/kconfig-heuristics
sed -i '/^# cost:/d; 2a # cost: 6.1.192 xen-pv 48213' kconfig-heuristics/features/smp.config
check "a measured cost" sh -c 'TINYX_DATADIR=$1/data "$TINYX" features smp | grep -qx " *cost: 48.2 kB (Linux 6.1.192, xen-pv)"' sh "$PWD"
finish
