using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fovea.Explorer.Figures;
using Xunit;

namespace Fovea.Explorer.Tests;

public sealed partial class EvidenceFiguresTests
{
    [Fact]
    public void Each_tenfold_count_makes_a_bar_higher_by_the_same_step_and_none_makes_no_bar()
    {
        var svg = XDocument.Parse(HistogramPlot.Render([1, 0, 10, 100, 1000], [0, 1, 2, 3, 4, 5], null, "activation", "label"));

        Match[] bars =
            [.. Bar().Matches(
                (string)svg.Descendants("path").Single(path => (string?)path.Attribute("style") == "fill:var(--series-1)").Attribute("d")!)
                    .Cast<Match>()];

        Assert.Equal(4, bars.Length);
        double[] left = [.. bars.Select(bar => Number(bar, 1))], heights = [.. bars.Select(bar => Number(bar, 2) - Number(bar, 3))];
        Assert.Equal(2 * (left[2] - left[1]), left[1] - left[0], 0.2);
        Assert.True(heights[0] > 5);
        for (int i = 2; i < 4; i++) Assert.Equal(heights[1] - heights[0], heights[i] - heights[i - 1], 0.2);
    }

    [Theory]
    [InlineData(1.25, 0.25)]
    [InlineData(3.75, 0.75)]
    public void The_marked_value_stands_at_its_share_of_the_axis(double value, double share)
    {
        var svg = XDocument.Parse(HistogramPlot.Render([5, 5, 5, 5, 5], [0, 1, 2, 3, 4, 5], (value, "a < b"), "activation", "label"));

        double X(string style) =>
            Number(Start()
                .Match((string)svg.Descendants("path")
                    .Last(path => ((string)path.Attribute("style")!).Contains(style, StringComparison.Ordinal)).Attribute("d")!), 1);
        Match axis = Line()
            .Match((string)svg.Descendants("path").Last(path => (string?)path.Attribute("style") == "stroke:var(--plot-grid);")
                .Attribute("d")!);

        Assert.Equal(share, (X("series-2") - Number(axis, 1)) / (Number(axis, 2) - Number(axis, 1)), 0.002);
        Assert.Contains(svg.Descendants("text"), text => text.Value == "a < b");
    }

    [Fact]
    public void A_grid_is_shaded_in_twelfths_of_its_largest_value()
    {
        IReadOnlyList<(string Opacity, string Path)> cells = GridMap.Render([[0, 2], [1, 4]], 4);

        Assert.Equal([("0.25", "M0 1h1v1h-1z"), ("0.5", "M1 0h1v1h-1z"), ("1", "M1 1h1v1h-1z")], cells);
        Assert.Equal((4.0, 1, 1), GridMap.Highest([[0, 2], [double.NaN, 4]]));
        Assert.Null(GridMap.Highest([[double.NaN]]));
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("M([0-9.]+) ([0-9.]+)V([0-9.]+)H[0-9.]+V[0-9.]+z")]
    private static partial Regex Bar();

    [GeneratedRegex("^M([0-9.]+) ")]
    private static partial Regex Start();

    [GeneratedRegex("^M([0-9.]+) [0-9.]+L([0-9.]+) ")]
    private static partial Regex Line();
}
