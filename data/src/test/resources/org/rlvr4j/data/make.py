"""The Parquet files of this folder, as pyarrow, polars and DuckDB write them; run in it, without arguments."""
import datetime as d
import uuid

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

msgs = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
def rows(n, **more):
    return [dict(data_source="s", prompt=[dict(role="user", content=f"{i}?")], reward_model=dict(ground_truth=str(i)), extra_info=dict(index=i)) | more for i in range(n)]
base = pa.schema([("data_source", pa.string()), ("prompt", msgs), ("reward_model", pa.struct([("ground_truth", pa.string())])), ("extra_info", pa.struct([("index", pa.int64())]))])
t = pa.Table.from_pylist(rows(2), schema=base)
w = pq.ParquetWriter("pyarrow-empty-row-groups.parquet", base, compression="zstd")
for part in (t.slice(0,0), t.slice(0,1), t.slice(0,0), t.slice(1), t.slice(0,0)): w.write_table(part)
w.close()
now = d.datetime(2026,1,2)
o = t
for name, typ, v in [("when", pa.timestamp("ns"), now), ("bytes", pa.binary(), b"\xff"), ("fixed", pa.binary(4), b"\xff"*4), ("half", pa.float16(), 1), ("id", pa.uuid(), uuid.UUID(int=5).bytes), ("images", pa.list_(pa.struct([("bytes", pa.binary())])), [dict(bytes=b"\xff")]), ("extra_info.index", pa.int64(), 9), ("", pa.string(), "x")]:
    o = o.append_column(name, pa.array([v, None], type=typ))
pq.write_table(o, "pyarrow-other-columns.parquet", use_deprecated_int96_timestamps=True, compression={n: "BROTLI" if n == "bytes" else "SNAPPY" for n in o.column_names}, use_dictionary=False, write_statistics=False)
pt = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string()), ("images", pa.list_(pa.binary()))]))
et = pa.struct([("index", pa.int64()), ("when", pa.timestamp("ns")), ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])), ("tags", pa.map_(pa.string(), pa.int64())), ("nested", pa.list_(pa.list_(pa.int64())))])
f = t.set_column(1, "prompt", pa.array([[dict(role="user", content=f"{i}?", images=[b"\xff"])] for i in range(2)], type=pt)).set_column(3, "extra_info", pa.array([dict(index=i, when=now, image=dict(bytes=b"\xff", path="p"), tags=[("a", 1)], nested=[[1], []]) for i in range(2)], type=et))
pq.write_table(f, "pyarrow-other-fields.parquet", use_deprecated_int96_timestamps=True, compression="zstd")
c = duckdb.connect()
# one page of 17 MB for the prompts
c.execute("COPY (SELECT 's' data_source, [{'role':'user','content': i::VARCHAR || '?' || repeat('x', 10000)}] prompt, {'ground_truth': i::VARCHAR} reward_model, {'index': i} extra_info FROM range(1700) r(i)) TO 'duckdb-large-page.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19)")
c.execute("COPY (SELECT 's' data_source, [{'role':'user','content': '2?'}] prompt, {'ground_truth': '2'} reward_model, {'index': 2} extra_info FROM range(130000) r(i)) TO 'duckdb-copies.parquet' (FORMAT parquet, COMPRESSION zstd)")
pl.from_arrow(t).with_columns(pl.lit(2**64-1, dtype=pl.UInt64).alias("u")).select("data_source", "prompt", pl.struct(ground_truth="u").alias("reward_model"), "extra_info").write_parquet("polars-unsigned.parquet")
# columns for verifiers, and ground truths that are structs
ct = pa.struct([("target", pa.int64()), ("numbers", pa.list_(pa.int64())), ("share", pa.float64()), ("hint", pa.string())])
truths = [dict(target=24, numbers=[1, 2], share=1e-7, hint="\u00e9\n"), dict(target=5, numbers=[], share=1e16)]
v = t.set_column(2, "reward_model", pa.array([dict(style="rule", ground_truth=x) for x in truths], type=pa.struct([("style", pa.string()), ("ground_truth", ct)])))
day, time = d.date(2026, 1, 2), d.time(3, 4, 5, 500_000)
for name, typ, value in [("level", pa.int32(), 3), ("share", pa.float32(), 0.5), ("ok", pa.bool_(), True), ("price", pa.decimal128(9, 2), __import__("decimal").Decimal("3.50")), ("tests", pa.list_(pa.struct([("in", pa.string()), ("out", pa.list_(pa.int64()))])), [{"in": "a", "out": [1]}]), ("tags", pa.map_(pa.string(), pa.int64()), [("a", 1)]), ("local", pa.timestamp("ms"), d.datetime.combine(day, time)), ("utc", pa.timestamp("us", tz="UTC"), d.datetime.combine(day, time)), ("nanos", pa.timestamp("ns"), d.datetime.combine(day, time)), ("day", pa.date32(), day), ("time", pa.time64("us"), time), ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]), dict(bytes=b"\xff", path="p")), ("raw", pa.binary(), b"\xff")]:
    v = v.append_column(name, pa.array([value, None], type=typ))
pq.write_table(v, "pyarrow-for-verifiers.parquet", compression="zstd", store_schema=False)
# a column that no one needs by another key, and one that is needed
import pyarrow.parquet.encryption as pe
class Kms(pe.KmsClient):
    def __init__(self, config): super().__init__()
    def wrap_key(self, key, name): return key
    def unwrap_key(self, key, name): return key
factory = pe.CryptoFactory(lambda config: Kms(config))
e = t.append_column("note", pa.array(["x", "y"]))
for column in ["note", "data_source"]:
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": [column]}, plaintext_footer=True, double_wrapping=False)
    with pq.ParquetWriter(f"pyarrow-encrypted-{column}.parquet", e.schema, encryption_properties=factory.file_encryption_properties(pe.KmsConnectionConfig(), config)) as w: w.write_table(e)
