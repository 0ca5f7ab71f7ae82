using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>One grammar for files, the explorer and its JSON: what is written is read back as the same.</summary>
public sealed class PageAddressTests
{
    private static readonly string[] Names = ["block3", "features.18", "a b", "ä→ß", "50 %", "a%2Fb", "g", "f", "s", "l", "?x#y", "<script>", "a&b", "+1"];

    public static TheoryData<PageAddress> Addresses =>
    [
        PageAddress.Home,
        .. Names.SelectMany(name => new[]
        {
            PageAddress.Layer(name), PageAddress.Gallery(name, "neurons"), PageAddress.Feature(name, "neurons", 17),
            PageAddress.Dictionary("x", name), PageAddress.Gallery("x", name), PageAddress.Feature(name, name, 0),
            PageAddress.Sweep(name, name), PageAddress.Comparison(name, 3),
            PageAddress.Circuit(name, name),
        }),
    ];

    [Theory, MemberData(nameof(Addresses))]
    public void An_address_is_read_back_from_its_link(PageAddress address)
    {
        string link = Links.OnServer().To(address);

        Assert.StartsWith("/", link);
        Assert.DoesNotContain(link, letter => letter is '<' or '>' or '?' or '#' or ' ' or '"');
        PageAddress read = PageAddress.Parse(link)!;
        Assert.Equal(address, read);
        Assert.Equal((address.Kind, address.LayerName, address.Name, address.Number), (read.Kind, read.LayerName, read.Name, read.Number));
        Assert.Equal(address, PageAddress.Parse(link + (link == "/" ? "" : "/")));
        Assert.Equal("/api" + (link == "/" ? "" : link), Links.OnServer().Api(address));
    }

    [Theory]
    [InlineData("/l")]
    [InlineData("/l/")]
    [InlineData("/l//f/1")]
    [InlineData("/x/block3")]
    [InlineData("/l/block3/f/01")]
    [InlineData("/l/block3/f/-1")]
    [InlineData("/l/block3/f/+1")]
    [InlineData("/l/block3/f/1e3")]
    [InlineData("/l/block3/f/99999999999")]
    [InlineData("/l/block3/f/1/more")]
    [InlineData("/l/block3/s/neurons")]
    [InlineData("/l/block3/s/neurons/f/1")]
    [InlineData("/l/../f/1")]
    [InlineData("/l/%2e%2e")]
    [InlineData("/l/a%2fb")]
    [InlineData("/l/a%5cb")]
    [InlineData("/l/a%00")]
    [InlineData("//")]
    public void What_the_grammar_has_not_is_no_address(string path) => Assert.Null(PageAddress.Parse(path));

    [Fact]
    public void Files_have_the_same_grammar()
    {
        Assert.Equal("l/block3/s/topk/f/9/index.html", Links.FileOf(PageAddress.Feature("block3", "topk", 9)));
        Assert.Equal("index.html", Links.FileOf(PageAddress.Home));
        Assert.Equal(
            "../../../../../../l/block3/g/index.html",
            Links.OfFile(PageAddress.Feature("block3", "topk", 9)).To(PageAddress.Gallery("block3", "neurons")));
        Assert.Throws<ArgumentException>(() => PageAddress.Served("l", "x"));
    }
}
