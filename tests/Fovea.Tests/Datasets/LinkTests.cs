using System.Formats.Tar;
using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>Links in a tar are what they would be in a folder, except that nothing outside the tar is ever read.</summary>
public sealed class LinkTests
{
    [Fact]
    public void A_class_that_is_a_link_to_a_folder_is_a_class_and_links_that_lead_out_are_named()
    {
        using var data = new TestImages();
        string tar = Tar(data, "data/cat/0.png data/cat/1.png store/bird/0.png store/bird/1.png",
            ("data/bird", "../store/bird", false), ("data/dog/0.png", "/somewhere/0.png", false),
                ("data/dog/1.png", "../../../out/1.png", false));
        using IImageSource source = ImageSources.Open(tar);
        Assert.Equal(["bird", "cat", "dog"], source.Classes.Select(info => info.Id));
        Assert.Equal(["bird/0.png", "bird/1.png", "cat/0.png", "cat/1.png"], Ids(source));
        Assert.Equal(8, source.Read(0).Width);
        Assert.Contains(source.Notes, note => note.Contains("store/, which holds only what links in data/ lead to"));
        Assert.Contains(
            source.Notes, note => note.Contains("2 links are not followed: data/dog/0.png → /somewhere/0.png (leads out of the tar)"));
        Assert.Contains(source.Notes, note => note.Contains("dog stays a class"));
    }

    [Theory]
    [InlineData("a/0.png", "b/0.png", "a/0.png", true, null)] // hard link
    [InlineData("a/0.png", "b/0.png", "../a/0.png", false, null)]
    [InlineData("a/0.png", "b", "a", false, null)] // a folder
    [InlineData("a/0.png", "b", "./c/../a", false, null)]
    [InlineData("a/0.png", "b", "a/", false, null)]
    [InlineData("a/0.png", "b", "../a", false, LinkFault.Outside)]
    [InlineData("a/0.png", "b", "/a", false, LinkFault.Outside)]
    [InlineData("a/0.png", "b", "none", false, LinkFault.Missing)]
    [InlineData("a/0.png", "b", "b", false, LinkFault.Loop)]
    [InlineData("a/0.png", "b", ".", false, LinkFault.Loop)]
    [InlineData("a/0.png", "b/0.png", "none/0.png", true, LinkFault.Missing)]
    public void One_link_is_followed_or_named(string file, string link, string target, bool hard, LinkFault? fault)
    {
        using var data = new TestImages();
        using var tree = new TarTree(Tar(data, file + " c/0.png", (link, target, hard)));
        if (fault is null)
        {
            Assert.Equal(["a/0.png", "b/0.png", "c/0.png"], tree.Files.Select(one => one.Name));
            Assert.Equal("a/0.png", tree.Files[1].Target);
            Assert.Equal(tree.Read("a/0.png"), tree.Read("b/0.png"));
            Assert.Equal((1, 0), (tree.FollowedLinks, tree.BrokenLinks.Count));
        }
        else
        {
            Assert.Equal(["a/0.png", "c/0.png"], tree.Files.Select(one => one.Name));
            Assert.Equal(new BrokenLink(link, target, fault.Value), Assert.Single(tree.BrokenLinks));
        }
    }

    [Fact]
    public void Chains_of_links_are_followed_to_their_end_and_circles_are_not()
    {
        using var data = new TestImages();
        using var tree = new TarTree(Tar(data, "real/x/0.png", ("one", "two", false), ("two", "three", false), ("three", "real", false),
            ("file.png", "one/x/0.png", false), ("circle/p", "q", false), ("circle/q", "p", false), ("real/x/up", "..", false)));
        Assert.Equal(["file.png", "one/x/0.png", "real/x/0.png", "three/x/0.png", "two/x/0.png"], tree.Files.Select(file => file.Name));
        Assert.All(tree.Files, file => Assert.Equal(tree.Read("real/x/0.png"), tree.Read(file.Name)));
        Assert.Contains(tree.BrokenLinks, link => link is { Name: "circle/p", Fault: LinkFault.Loop });
        Assert.Contains(tree.BrokenLinks, link => link is { Name: "real/x/up", Fault: LinkFault.Loop });
    }

    [Fact]
    public void Folders_that_double_with_every_level_end_in_an_error()
    {
        using var data = new TestImages();
        var links = new List<(string, string, bool)>();
        for (int i = 0; i < 40; i++) links.AddRange([($"{i}/a", $"../{i + 1}", false), ($"{i}/b", $"../{i + 1}", false)]);
        string tar = Tar(data, "40/0.png", [.. links]);
        Assert.Contains("point at each other", Assert.Throws<FoveaException>(() => new TarTree(tar)).Message);
    }

    [Fact]
    public void A_folders_links_are_followed_wherever_they_lead_and_circles_are_left_out()
    {
        using var data = new TestImages();
        data.Write("store/bird/0.png", TestImages.Png(1));
        data.Write("in/cat/0.png", TestImages.Png(2));
        string root = Path.Combine(data.Root, "in");
        Directory.CreateSymbolicLink(Path.Combine(root, "bird"), "../store/bird");
        Directory.CreateSymbolicLink(Path.Combine(root, "cat/up"), "..");
        File.CreateSymbolicLink(Path.Combine(root, "cat/gone.png"), "nowhere.png");
        File.CreateSymbolicLink(Path.Combine(root, "cat/same.png"), "0.png");
        Directory.CreateSymbolicLink(Path.Combine(root, "dog"), Path.Combine(data.Root, "missing"));
        using var tree = new FolderTree(root);
        Assert.Equal(["bird/0.png", "cat/0.png", "cat/same.png"], tree.Files.Select(file => file.Name));
        Assert.Equal("cat/0.png", tree.Files[2].Target);
        Assert.Equal(tree.Files[1].Size, tree.Files[2].Size);
        Assert.Equal(
            [("cat/gone.png", LinkFault.Missing), ("cat/up", LinkFault.Loop), ("dog", LinkFault.Missing)],
                tree.BrokenLinks.Select(link => (link.Name, link.Fault)));
        using IImageSource source = ImageSources.Open(root);
        Assert.Equal(["bird", "cat", "dog"], source.Classes.Select(info => info.Id));
    }

    [Fact]
    public void A_link_from_one_split_into_another_is_said()
    {
        using var data = new TestImages();
        string tar = Tar(data, "train/a/0.png train/b/0.png val/a/1.png", ("val/b/1.png", "../../train/b/0.png", false));
        using IImageSource source = ImageSources.Open(tar, new ImageSourceOptions { Split = "val" });
        Assert.Equal(2, source.Count);
        Assert.Contains(source.Notes, note => note.Contains("1 images of val are links to images of train"));
    }

    private static string[] Ids(IImageSource source) => [.. Enumerable.Range(0, source.Count).Select(source.Id)];

    private static string Tar(TestImages data, string files, params (string Name, string Target, bool Hard)[] links)
    {
        string path = Path.Combine(data.Root, Guid.NewGuid().ToString("N") + ".tar");
        using var writer = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        foreach (string file in files.Split(' '))
            writer.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(TestImages.Png(file.Length)) });
        foreach ((string name, string target, bool hard) in links)
            writer.WriteEntry(new PaxTarEntry(hard ? TarEntryType.HardLink : TarEntryType.SymbolicLink, name) { LinkName = target });
        return path;
    }
}
