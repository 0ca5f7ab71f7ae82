using System.Text.Json.Nodes;
using Xunit;

namespace Fovea.Browser.Tests.Walk;

/// <summary>
/// What the walk looks at: an image of the run, and the latent that adds most to the class that the network says of it, without which it
/// says another.
/// </summary>
/// <param name="Image">The image's number.</param>
/// <param name="Picture">The image as a file.</param>
/// <param name="Unit">The latent.</param>
/// <param name="Row">Where it answers most.</param>
/// <param name="Column">Where it answers most.</param>
/// <param name="Before">The class.</param>
/// <param name="After">The class without the latent.</param>
public sealed record WalkPlan(int Image, byte[] Picture, int Unit, int Row, int Column, string Before, string After)
{
    /// <summary>The layer and the dictionary.</summary>
    public const string Layer = "block4", Source = "topk", Where = $"layer={Layer}&source={Source}";

    private const int Looked = 80;

    /// <summary>The page of the latent.</summary>
    public string Page => $"/l/{Layer}/s/{Source}/f/{Unit}";

    /// <summary>Looks for the image on which the change is plainest.</summary>
    public static async Task<WalkPlan> FindAsync(ExplorerProcess explorer)
    {
        (double Plain, WalkPlan Plan)? best = null;
        for (int image = 0; image < Looked; image++)
        {
            string at = $"/api/x/run-{image}";
            JsonNode first = (await explorer.JsonAsync($"{at}/units?{Where}&by=share&most=1"))["ranked"]!.AsArray()[0]!;
            int unit = (int)first["unit"]!;
            // It must stand in the list that the page shows.
            JsonArray listed = (await explorer.JsonAsync($"{at}/units?{Where}&most=20"))["ranked"]!.AsArray();
            if (!listed.Any(one => (int)one!["unit"]! == unit)) continue;
            JsonArray classes = (await explorer.JsonAsync($"{at}/steer?{Where}&steer={unit}:0"))["classes"]!.AsArray();
            JsonNode before = classes.MaxBy(one => (double)one!["before"]!)!, after = classes.MaxBy(one => (double)one!["after"]!)!;
            if ((int)before["class"]! == (int)after["class"]!) continue;
            bool right = (string?)(await explorer.JsonAsync(at))["className"] == (string)before["name"]!;
            double plain = (right ? 1 : 0) + (double)before["before"]! + (double)after["after"]!;
            if (best is { } other && other.Plain >= plain) continue;
            best = (plain, new WalkPlan(
                image, [], unit, (int)first["row"]!, (int)first["column"]!, (string)before["name"]!, (string)after["name"]!));
        }
        Assert.True(best is not null, $"on none of {Looked} images does one latent decide the class");
        WalkPlan plan = best.Value.Plan;
        return plan with { Picture = await explorer.BytesAsync($"/api/x/run-{plan.Image}/picture") };
    }
}
