using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fovea.Checkpoints;
using Fovea.Explorer.Figures;
using Fovea.Explorer.RunFiles;
using Xunit;

namespace Fovea.Explorer.Tests;

public sealed partial class EvidenceFiguresTests
{
    [Fact]
    public void Each_tenfold_count_makes_a_bar_higher_by_the_same_step_and_none_makes_no_bar()
    {
        var svg = XDocument.Parse(HistogramPlot.Render([1, 0, 10, 100, 1000], [0, 1, 2, 3, 4, 5], null, "activation", "label"));

        Match[] bars = [.. Bar().Matches((string)svg.Descendants("path").Single(path => (string?)path.Attribute("style") == "fill:var(--series-1)").Attribute("d")!).Cast<Match>()];

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

        double X(string style) => Number(Start().Match((string)svg.Descendants("path").Last(path => ((string)path.Attribute("style")!).Contains(style, StringComparison.Ordinal)).Attribute("d")!), 1);
        Match axis = Line().Match((string)svg.Descendants("path").Last(path => (string?)path.Attribute("style") == "stroke:var(--plot-grid);").Attribute("d")!);

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

    [Fact]
    public void Evidence_of_a_unit_is_its_rows_whatever_the_numbers_are_stored_as()
    {
        string path = Path.GetTempFileName();
        try
        {
            Safetensors.Write(path,
            [
                SafetensorsEntry.Of("histogram", new long[] { 1, 2, 3, 4, 5, 6 }, 3, 2),
                SafetensorsEntry.Of("histogram_edges", new double[] { 0, 0.5, 1 }, 3),
                SafetensorsEntry.Of("grid_mean", Enumerable.Range(0, 18).Select(i => (float)i).ToArray(), 3, 2, 3),
                SafetensorsEntry.Of("class_means", new int[] { 7, 8, 9 }, 3),
            ]);
            var problems = new List<string>();
            EvidenceFile file = EvidenceFile.Open(path, problems)!;

            UnitEvidence second = file.Read(1), beyond = file.Read(3);

            Assert.Empty(problems);
            Assert.Equal([3, 4], second.Histogram);
            Assert.Equal([0, 0.5, 1], second.Edges);
            Assert.Equal([[6, 7, 8], [9, 10, 11]], second.GridMean);
            // A tensor of another rank than it should have is not read.
            Assert.Empty(second.ClassMeans);
            Assert.Empty(second.GridRate);
            Assert.True(beyond.IsEmpty);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_rows_are_those_that_the_run_holds()
    {
        // A large set: what is read must not depend on how many units there are.
        string path = Path.GetTempFileName();
        try
        {
            const int Units = 2048, Bins = 40;
            Safetensors.Write(path, [SafetensorsEntry.Of("logit_weights", Enumerable.Range(0, Units * Bins).Select(i => (float)i).ToArray(), Units, Bins)]);
            EvidenceFile file = EvidenceFile.Open(path, [])!;
            foreach (int unit in (int[])[0, 1000, Units - 1])
                Assert.Equal(Enumerable.Range(unit * Bins, Bins).Select(i => (double)i), file.Read(unit).LogitWeights);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("M([0-9.]+) ([0-9.]+)V([0-9.]+)H[0-9.]+V[0-9.]+z")]
    private static partial Regex Bar();

    [GeneratedRegex("^M([0-9.]+) ")]
    private static partial Regex Start();

    [GeneratedRegex("^M([0-9.]+) [0-9.]+L([0-9.]+) ")]
    private static partial Regex Line();
}
