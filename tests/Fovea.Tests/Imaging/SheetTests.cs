using Fovea.Imaging;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Imaging;

public sealed class SheetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-sheets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(64, 64, 800)]
    [InlineData(224, 224, 40)]
    [InlineData(1, 1, 30)]
    [InlineData(1016, 300, 7)]
    [InlineData(1017, 20, 3)]
    [InlineData(20, 3000, 2)]
    public void Pictures_of_one_size_fill_sheets_in_their_order_and_none_lies_over_another(int width, int height, int count)
    {
        var layout = new SheetLayout("s", Enumerable.Repeat((width, height), count));
        Assert.Equal(count, layout.Pictures.Count);
        Assert.Equal(count, layout.Sheets.Sum(sheet => sheet.Count));
        bool own = width > SheetLayout.Side - 8 || height > SheetLayout.Side - 8;
        int across = Math.Max(1, SheetLayout.Side / (width + 8)), down = Math.Max(1, SheetLayout.Side / (height + 8));
        Assert.Equal(own ? count : (count + across * down - 1) / (across * down), layout.Sheets.Count);
        RequireApart(layout);
        // What is not filled is not stored.
        Assert.All(layout.Sheets, sheet => Assert.Equal(own ? width : Math.Min(across, sheet.Count) * (width + 8), sheet.Width));
    }

    [Fact]
    public void Pictures_of_any_sizes_are_apart()
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            var random = new CounterRandom(seed, "sheets", 0);
            var sizes = Enumerable.Range(0, 60)
                .Select(_ => (1 + random.NextInt(random.NextInt(20) == 0 ? 1500 : 300), 1 + random.NextInt(300))).ToArray();
            var layout = new SheetLayout("s", sizes);
            Assert.Equal(sizes, layout.Pictures.Select(one => (one.Width, one.Height)));
            RequireApart(layout);
        }
    }

    [Fact]
    public void What_is_packed_is_cut_out_to_the_pixel_and_the_same_pictures_give_the_same_bytes()
    {
        RgbImage[] pictures = [.. Enumerable.Range(0, 70).Select(i => Noise(i, 20 + i % 3 * 50, 30 + i % 5 * 40)), Noise(99, 1100, 3)];
        var places = SheetFiles.Write(_folder, "a", pictures);
        string[] files = [.. places.Select(place => place.File).Distinct()];
        Assert.Equal(
            files.Order(StringComparer.Ordinal), Directory.GetFiles(_folder).Select(path => Path.GetFileName(path)!)
                .Order(StringComparer.Ordinal));
        Assert.InRange(files.Length, 2, 4);
        SheetReader reader = Reader();
        for (int i = 0; i < pictures.Length; i++) Assert.Equal(pictures[i].Pixels, reader.Cut(places[i]).Pixels);

        var before = files.Select(file => File.ReadAllBytes(Path.Combine(_folder, file))).ToArray();
        Assert.Equal(places, SheetFiles.Write(_folder, "a", pictures));
        Assert.Equal(before, files.Select(file => File.ReadAllBytes(Path.Combine(_folder, file))));
        // A single picture that no sheet holds is its own file, bit for bit what is written without sheets.
        Assert.Equal(ImageCodec.EncodePng(pictures[^1]), before[^1]);
    }

    [Fact]
    public void Round_a_picture_is_its_own_edge()
    {
        RgbImage red = Plain(250, 0, 0), green = Plain(0, 250, 0);
        var places = SheetFiles.Write(_folder, "a", [red, green, red]);
        RgbImage sheet = ImageCodec.Decode(File.ReadAllBytes(Path.Combine(_folder, "a-0.png")), "a-0.png");
        foreach (var (place, red0) in places.Zip((int[])[250, 0, 250]))
        {
            for (int y = -SheetLayout.Margin; y < place.Height + SheetLayout.Margin; y++)
            {
                for (int x = -SheetLayout.Margin; x < place.Width + SheetLayout.Margin; x++)
                    Assert.Equal(red0, sheet.Pixels[((place.Top + y) * sheet.Width + place.Left + x) * 3]);
            }
        }
        // A corner is repeated both ways.
        var corner = Noise(3, 5, 5);
        var at = SheetFiles.Write(_folder, "b", [corner])[0];
        RgbImage one = ImageCodec.Decode(File.ReadAllBytes(Path.Combine(_folder, "b-0.png")), "b-0.png");
        Assert.Equal((13, 13, 4, 4), (one.Width, one.Height, at.Left, at.Top));
        Assert.Equal(corner.Pixels[..3], one.Pixels[..3]);
        Assert.Equal(corner.Pixels[^3..], one.Pixels[^3..]);
        Assert.Equal(corner.Pixels[(2 * 15)..(2 * 15 + 3)], one.Pixels[(6 * 39)..(6 * 39 + 3)]);
    }

    [Fact]
    public void Rectangles_that_do_not_lie_in_their_file_are_refused()
    {
        SheetFiles.Write(_folder, "a", [Plain(1, 2, 3)]);
        SheetReader reader = Reader();
        StoredPicture good = new("a-0.png", 4, 4, 6, 6);
        Assert.Null(reader.Problem(good));
        Assert.Equal((14, 14), reader.SizeOfFile(good));
        foreach (StoredPicture bad in new[]
        {
            good with { Left = 9 }, good with { Top = 9 }, good with { Left = -1 }, good with { Width = 15, Left = 0 },
                good with { Height = 0 }, good with { Width = -6 },
            good with { Left = int.MaxValue, Width = int.MaxValue }, good with { Width = int.MaxValue }, good with { Left = int.MinValue },
                good with { File = "../a-0.png" },
            good with { File = "/etc/passwd" }, good with { File = "" },
        })
        {
            Assert.NotNull(reader.Problem(bad));
            foreach (Action read in new Action[] { () => reader.Cut(bad), () => reader.SizeOfFile(bad) })
                Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(read).Kind);
        }
    }

    [Fact]
    public void A_sheet_that_is_missing_or_damaged_is_told_by_its_name()
    {
        RgbImage[] pictures = [.. Enumerable.Range(0, 9).Select(i => Noise(i, 40, 40))];
        StoredPicture place = SheetFiles.Write(_folder, "a", pictures)[4];
        string path = Path.Combine(_folder, "a-0.png");
        byte[] whole = File.ReadAllBytes(path);
        foreach (int length in (int[])[0, 5, 24, 60, whole.Length / 2, whole.Length - 1]) Refused(whole[..length], "is damaged");
        foreach (int flipped in (int[])[3, 13, 17, whole.Length / 2])
        {
            byte[] other = [.. whole];
            other[flipped] ^= 0x55;
            Refused(other, "a-0.png");
        }
        File.Delete(path);
        SheetReader reader = Reader();
        Assert.Equal($"{_folder}/a-0.png is missing.", reader.Problem(place));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => reader.Cut(place)).Kind);

        void Refused(byte[] bytes, string says)
        {
            File.WriteAllBytes(path, bytes);
            var refused = Assert.Throws<FoveaException>(() => Reader().Cut(place));
            Assert.Equal(FailureKind.Data, refused.Kind);
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
            Assert.Contains("a-0.png", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pictures_are_asked_for_once_in_order_and_none_is_kept()
    {
        var layout = new SheetLayout("m", Enumerable.Repeat((200, 200), 70));
        List<int> asked = [];
        List<WeakReference> given = [];
        int most = 0;
        SheetFiles.Write(_folder, layout, i =>
        {
            GC.Collect();
            most = Math.Max(most, given.Count(one => one.IsAlive));
            asked.Add(i);
            RgbImage picture = Noise(i, 200, 200);
            given.Add(new WeakReference(picture));
            return picture;
        });
        Assert.Equal(Enumerable.Range(0, 70), asked);
        Assert.InRange(most, 0, 2); // the one before may still be in a register
    }

    [Fact]
    public void Slots_hold_pictures_that_come_in_any_order_and_go_with_their_file()
    {
        string path = Path.Combine(_folder, "slots");
        using (var slots = new PictureSlots(path, 7, 5))
        {
            foreach (int place in (int[])[3, 0, 2]) slots.Write(place, Noise(place, 7, 5));
            foreach (int place in (int[])[0, 2, 3]) Assert.Equal(Noise(place, 7, 5).Pixels, slots.Read(place).Pixels);
            Assert.Throws<ArgumentException>(() => slots.Write(1, Noise(1, 5, 7)));
            Assert.Equal(FailureKind.Resource, Assert.Throws<FoveaException>(() => slots.Read(4)).Kind);
        }
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private SheetReader Reader() =>
        new(file => File.Exists(Path.Combine(_folder, file)) ? File.OpenRead(Path.Combine(_folder, file)) : null, _folder);

    private static void RequireApart(SheetLayout layout)
    {
        foreach (Sheet sheet in layout.Sheets)
        {
            StoredPicture[] inside = [.. layout.Pictures.Skip(sheet.First).Take(sheet.Count)];
            bool alone = inside.Length == 1 && (inside[0].Width, inside[0].Height) == (sheet.Width, sheet.Height);
            int margin = alone ? 0 : SheetLayout.Margin;
            Assert.True(alone || (sheet.Width <= SheetLayout.Side && sheet.Height <= SheetLayout.Side), sheet.ToString());
            Assert.All(inside, one => Assert.True(one.File == sheet.File && one.Left >= margin && one.Top >= margin
                && one.Left + one.Width + margin <= sheet.Width && one.Top + one.Height + margin <= sheet.Height, $"{one} in {sheet}"));
            for (int i = 0; i < inside.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    var (a, b) = (inside[i], inside[j]);
                    Assert.True(a.Left >= b.Left + b.Width + 2 * margin || b.Left >= a.Left + a.Width + 2 * margin
                        || a.Top >= b.Top + b.Height + 2 * margin || b.Top >= a.Top + a.Height + 2 * margin, $"{a} over {b}");
                }
            }
        }
        Assert.Equal(layout.Sheets.Select((_, k) => $"s-{k}.png"), layout.Sheets.Select(sheet => sheet.File));
    }

    private static RgbImage Noise(int seed, int width, int height)
    {
        var random = new CounterRandom((ulong)seed, "noise", 0);
        var pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return new RgbImage(width, height, pixels);
    }

    private static RgbImage Plain(byte red, byte green, byte blue) =>
        new(6, 6, [.. Enumerable.Range(0, 36).SelectMany(_ => new[] { red, green, blue })]);
}
