using System.Formats.Tar;
using Fovea.Datasets;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;
using TarEntry = System.Formats.Tar.TarEntry;

namespace Fovea.Fuzz.Readers;

/// <summary>Tars, with tars and links in them.</summary>
internal sealed class TarReader : FuzzReader
{
    private const int FilesRead = 3;

    public override string Name => "tar";

    public override string About => "tars with links and tars inside, and contents of their files (TarTree)";

    public override IReadOnlyList<string> Types => ["Fovea.Datasets.Tar"];

    public override IReadOnlyList<byte[]> Seeds() =>
    [
        Tar(TarEntryFormat.Ustar, ("train/cat/1.png", "picture"), ("train/dog/2.png", "other")),
        Tar(TarEntryFormat.Pax, (new string('é', 60) + "/1.png", "picture")),
        Tar(TarEntryFormat.Gnu, (new string('n', 150) + "/1.png", "picture")),
        Tar(TarEntryFormat.Ustar, ("cat.tar", System.Text.Encoding.Latin1.GetString(Tar(TarEntryFormat.Ustar, ("1.png", "picture"))))),
        Links(),
    ];

    public override byte[] Change(byte[] input, CounterRandom random) => TarChanges.Any(input, random);

    public override void Read(byte[] input)
    {
        using var tree = new TarTree(File(input, "images.tar"));
        foreach (TreeFile file in tree.Files.Take(FilesRead)) tree.Read(file.Name);
    }

    private static byte[] Tar(TarEntryFormat format, params (string Name, string Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, format, leaveOpen: true))
        {
            foreach ((string name, string content) in files)
            {
                using var stream = new MemoryStream(System.Text.Encoding.Latin1.GetBytes(content));
                tar.WriteEntry(Entry(format, TarEntryType.RegularFile, name, stream));
            }
        }
        return bytes.ToArray();
    }

    private static byte[] Links()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(Entry(TarEntryFormat.Ustar, TarEntryType.Directory, "a/", null));
            tar.WriteEntry(Entry(TarEntryFormat.Ustar, TarEntryType.RegularFile, "a/1.png", new MemoryStream([1, 2, 3])));
            foreach ((TarEntryType type, string name, string to) in ((TarEntryType, string, string)[])
                [(TarEntryType.SymbolicLink, "b", "a"), (TarEntryType.HardLink, "c.png", "a/1.png"), (TarEntryType.SymbolicLink, "a/up", ".."),
                    (TarEntryType.SymbolicLink, "d", "b/up/a"), (TarEntryType.SymbolicLink, "out", "../../x")])
                tar.WriteEntry(new UstarTarEntry(type, name) { LinkName = to });
        }
        return bytes.ToArray();
    }

    private static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name, Stream? content)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.Pax => new PaxTarEntry(type, name),
            TarEntryFormat.Gnu => new GnuTarEntry(type, name),
            _ => new UstarTarEntry(type, name),
        };
        if (content is not null) entry.DataStream = content;
        return entry;
    }
}
