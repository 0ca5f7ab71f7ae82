using System.Formats.Tar;
using System.Text;
using Fovea.Datasets;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Datasets;

public sealed class TarTreeTests
{
    [Theory]
    [InlineData(TarEntryFormat.Ustar, 90)]
    [InlineData(TarEntryFormat.Ustar, 150)]
    [InlineData(TarEntryFormat.Gnu, 300)]
    [InlineData(TarEntryFormat.Pax, 300)]
    [InlineData(TarEntryFormat.V7, 60)]
    public void Every_format_and_long_names_are_read(TarEntryFormat format, int nameLength)
    {
        using var data = new TestImages();
        string folder = string.Join('/', Enumerable.Repeat("folder", nameLength / 7)), path = Path.Combine(data.Root, "x.tar");
        var contents = new Dictionary<string, byte[]>();
        using (var writer = new TarWriter(File.Create(path), format))
        {
            for (int i = 0; i < 5; i++)
            {
                string name = $"{folder}/{i}.bin";
                contents[name] = [.. Enumerable.Range(0, i * 300).Select(value => (byte)value)];
                Add(writer, format, name, contents[name]);
            }
        }
        using var tree = new TarTree(path);
        Assert.Equal(contents.Keys.Order(StringComparer.Ordinal), tree.Files.Select(file => file.Name));
        Assert.All(tree.Files, file => Assert.Equal(contents[file.Name], tree.Read(file.Name)));
        Assert.All(tree.Files, file => Assert.Equal(contents[file.Name].Length, file.Size));
        Assert.Contains("nothing", Assert.Throws<FoveaException>(() => tree.Read("nothing")).Message);
    }

    [Fact]
    public void Links_dot_names_and_hidden_files_are_as_when_unpacked()
    {
        using var data = new TestImages();
        string path = Path.Combine(data.Root, "x.tar");
        using (var writer = new TarWriter(File.Create(path), TarEntryFormat.Pax))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "a/"));
            Add(writer, TarEntryFormat.Pax, "./a/1", [1]);
            Add(writer, TarEntryFormat.Pax, "a/.hidden", [2]);
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "b/2") { LinkName = "./a/1" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "b/c/3") { LinkName = "../../a/1" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "b/4") { LinkName = "/etc/passwd" });
            Add(writer, TarEntryFormat.Pax, "z", [9]);
            Add(writer, TarEntryFormat.Pax, "z", [8]);
        }
        using var tree = new TarTree(path);
        Assert.Equal(["a/1", "b/2", "b/c/3", "z"], tree.Files.Select(file => file.Name));
        Assert.Equal([1], tree.Read("b/c/3"));
        Assert.Equal([8], tree.Read("z"));
    }

    [Fact]
    public void A_tar_cut_anywhere_is_refused_with_the_place()
    {
        using var data = new TestImages();
        string path = Path.Combine(data.Root, "x.tar"), cut = Path.Combine(data.Root, "cut.tar");
        using (var writer = new TarWriter(File.Create(path), TarEntryFormat.Ustar))
        {
            Add(writer, TarEntryFormat.Ustar, "a", new byte[700]);
            Add(writer, TarEntryFormat.Ustar, "b", new byte[512]);
        }
        byte[] whole = File.ReadAllBytes(path);
        // Headers at 0 and 1536, contents behind them, the end's mark from 2560 on.
        for (int length = 0; length < 3072; length += 64)
        {
            File.WriteAllBytes(cut, whole[..length]);
            var error = Assert.Throws<FoveaException>(() => new TarTree(cut));
            Assert.Equal(FailureKind.Data, error.Kind);
            Assert.Contains(length < 512 ? "no tar" : "cut short", error.Message);
        }
        File.WriteAllBytes(cut, whole[..3072]);
        using var tree = new TarTree(cut);
        Assert.Equal(2, tree.Files.Count);
    }

    [Fact]
    public void Other_files_and_damaged_headers_are_refused()
    {
        using var data = new TestImages();
        string path = Path.Combine(data.Root, "x.tar");
        using (var writer = new TarWriter(File.Create(path), TarEntryFormat.Ustar))
        {
            Add(writer, TarEntryFormat.Ustar, "a", new byte[700]);
            Add(writer, TarEntryFormat.Ustar, "b", new byte[512]);
        }
        byte[] bytes = File.ReadAllBytes(path);
        bytes[1536 + 20] ^= 1;
        Fails(bytes, "no valid header at byte 1536");
        Fails([0x1F, 0x8B, .. new byte[2000]], "compressed (gzip)");
        Fails([.. "BZh9"u8, .. new byte[2000]], "compressed (bzip2)");
        Fails(Encoding.ASCII.GetBytes(new string('x', 3000)), "no tar");
        Assert.Contains("Cannot open", Assert.Throws<FoveaException>(() => new TarTree(Path.Combine(data.Root, "absent.tar"))).Message);

        void Fails(byte[] content, string part)
        {
            File.WriteAllBytes(path, content);
            Assert.Contains(part, Assert.Throws<FoveaException>(() => new TarTree(path)).Message);
        }
    }

    [Fact]
    public void Random_bytes_in_a_tar_never_give_another_kind_of_error()
    {
        using var data = new TestImages();
        string path = Path.Combine(data.Root, "x.tar");
        using (var writer = new TarWriter(File.Create(path), TarEntryFormat.Pax))
        {
            for (int i = 0; i < 3; i++) Add(writer, TarEntryFormat.Pax, new string('n', 150) + i, new byte[100]);
        }
        byte[] whole = File.ReadAllBytes(path);
        for (int trial = 0; trial < 400; trial++)
        {
            var random = new CounterRandom(3, "tar", trial);
            byte[] bytes = [.. whole];
            int header = random.NextInt(6) * 512;
            for (int k = 0; k < 4; k++) bytes[header + random.NextInt(512)] = (byte)random.NextInt(256);
            // With a right checksum the fields themselves are what is wrong.
            int sum = 8 * ' ';
            for (int i = 0; i < 512; i++) sum += i is >= 148 and < 156 ? 0 : bytes[header + i];
            if (trial % 2 == 0) Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, header + 148);
            File.WriteAllBytes(path, bytes);
            try
            {
                using var tree = new TarTree(path);
                foreach (TreeFile file in tree.Files) tree.Read(file.Name);
            }
            catch (FoveaException e)
            {
                Assert.Equal(FailureKind.Data, e.Kind);
            }
        }
    }

    private static void Add(TarWriter writer, TarEntryFormat format, string name, byte[] content)
    {
        System.Formats.Tar.TarEntry entry = format switch
        {
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
            _ => new V7TarEntry(TarEntryType.V7RegularFile, name),
        };
        entry.DataStream = new MemoryStream(content);
        writer.WriteEntry(entry);
    }
}
