# ./dx 的别名 (aliases of ./dx); 例 e.g. make test ARGS="-k money"
.PHONY: run test nightly setup bench check
run:
	./dx run $(ARGS)
test:
	./dx test $(ARGS)
nightly:
	./dx test --nightly $(ARGS)
setup:
	./dx setup $(ARGS)
bench:
	./dx bench $(ARGS)
check:
	./dx check $(ARGS)
