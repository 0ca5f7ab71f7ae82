#!/usr/bin/env bash
# .NET 10 (28 November 2026): GZipStream comes to the end of a file that was cut in the middle of its data as if it were whole: Read returns 0, nothing is thrown, neither for the missing data nor for the missing
# checksum; TarReader over it gives an entry whose DataStream ends before its Length. One would have guessed InvalidDataException or EndOfStreamException, as gzip ("unexpected end of file") and Python (EOFError)
# have it. What was downloaded in part is then read as a smaller whole: compare what came with what the entry says.
. "$(dirname "$0")/common.sh"
cat <<C | program
using System.Formats.Tar;
using System.IO.Compression;

byte[] content = new byte[100_000];
new Random(1).NextBytes(content);
using var whole = new MemoryStream();
using (var packed = new GZipStream(whole, CompressionLevel.Optimal, leaveOpen: true))
using (var tar = new TarWriter(packed))
    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "labels.txt") { DataStream = new MemoryStream(content) });
byte[] cut = whole.ToArray()[..60_000];
File.WriteAllBytes("$work/cut.tar.gz", cut);

using (var stream = new GZipStream(new MemoryStream(cut), CompressionMode.Decompress))
{
    byte[] buffer = new byte[4096];
    long all = 0;
    for (int read; (read = stream.Read(buffer)) > 0;) all += read;
    Console.WriteLine("GZipStream: " + (all is > 0 and < 100_000 ? "a part of the data" : all + " bytes") + ", then 0, no exception");
}
using var reader = new TarReader(new GZipStream(new MemoryStream(cut), CompressionMode.Decompress));
TarEntry entry = reader.GetNextEntry()!;
using var copy = new MemoryStream();
entry.DataStream!.CopyTo(copy);
Console.WriteLine("TarReader:  the entry is " + entry.Length + " bytes long, " + (copy.Length < entry.Length ? "fewer" : "as many") + " came, no exception");
C
gzip -t "$work/cut.tar.gz" 2>> "$work/output" || true
sed -i 's/^gzip: .*: \(.*\)$/gzip:       \1/' "$work/output"; sed -n 3,9p "$work/output"
still 'GZipStream: a part of the data, then 0, no exception
TarReader:  the entry is 100000 bytes long, fewer came, no exception

gzip:       unexpected end of file'
