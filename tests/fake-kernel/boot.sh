# Stands for a boot and its test; see tests/slow/24-minimize.sh.
on() { grep -qx "CONFIG_$1=y" "$TINYX_CONFIG"; }
echo "Linux version 6.1.1"
xz -dc "$TINYX_ROOTFS" 2>/dev/null | cpio -t 2>/dev/null | grep -qx "${FAKE_APP:-usr/bin/app}" || {
	echo "app: not found"
	exit 1
}
if [ -n "$FAKE_FLAKY" ]; then # the first boot of every kernel fails
	key=$FAKE_FLAKY/$(md5sum <"$TINYX_CONFIG" | cut -c1-32)
	[ -e "$key" ] || {
		: >"$key"
		echo "flaky"
		exit 1
	}
fi
for symbol in NEED_A NEED_B HELPER; do
	on $symbol || {
		echo "Kernel panic - not syncing: no $symbol"
		[ $symbol != NEED_B ] || sleep "${FAKE_HANG:-0}"
		exit 1
	}
done
case $FAKE_VARY in # VARIATION:SYMBOL, needed there only
"$TINYX_VARIATION":*)
	on "${FAKE_VARY#*:}" || {
		echo "Kernel panic - not syncing: no ${FAKE_VARY#*:}, $TINYX_VARIATION"
		exit 1
	}
	;;
esac
