using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>A unit's examples with it switched off, in the static report: the fixture's formulas, computed once more.</summary>
public sealed partial class SteeringTableTests
{
    [Fact]
    public async Task Each_cell_is_the_image_s_mean_times_the_unit_s_weight_and_says_what_is_lost_without_it()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        await ReportBuilder.BuildAsync(run.Folder, TestContext.Current.CancellationToken);
        const int Unit = 48;
        string html = await File.ReadAllTextAsync(
            run.PathOf($"report/l/block3/s/topk/f/{Unit}/index.html"), TestContext.Current.CancellationToken);
        string table = html[html.IndexOf("data-steering", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("</table>", StringComparison.Ordinal)];
        // Of 24 classes with weights that rise by an eighth, 0 at the twelfth: the three highest and the three lowest.
        int[] classes = [23, 22, 21, 0, 1, 2];
        Assert.Equal(classes.Select(RunFolderFixture.ClassName), Heading().Matches(table).Skip(1).Select(match => match.Groups[1].Value));
        MatchCollection cells = Cell().Matches(table);
        Assert.Equal(8 * classes.Length, cells.Count);
        // Examples in the order of the page: the top ones first, each by the fixture's value, an eighth of which is the mean.
        for (int rank = 0; rank < 4; rank++)
        {
            for (int i = 0; i < classes.Length; i++)
            {
                Match cell = cells[rank * classes.Length + i];
                float value = 12f - rank;
                double effect = double.Parse(cell.Groups[1].Value, CultureInfo.InvariantCulture);
                Assert.Equal(value / 8 * (classes[i] - 11) * 0.125, effect, 1e-6);
                double said = double.Parse(WebUtility.HtmlDecode(cell.Groups[2].Value).Replace('−', '-'), CultureInfo.InvariantCulture);
                Assert.Equal(-effect, said, 5e-4 * Math.Abs(effect));
            }
        }
        Assert.Contains("assets/steering.js", html, StringComparison.Ordinal);
    }

    [GeneratedRegex("<th scope=\"col\"[^>]*>([^<]*)</th>")]
    private static partial Regex Heading();

    [GeneratedRegex("data-effect=\"([^\"]+)\">([^<]+)</td>")]
    private static partial Regex Cell();
}
