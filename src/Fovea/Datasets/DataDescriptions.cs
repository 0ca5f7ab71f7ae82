namespace Fovea.Datasets;

/// <summary>Says what images are taken for (<see cref="DataDescription"/>).</summary>
internal static class DataDescriptions
{
    /// <summary>The description of a tree as a layout reads it.</summary>
    public static DataDescription Of(IFileTree tree, DataReading? reading, string? problem = null)
    {
        TreeFile[] images = [.. tree.Files.Where(file => tree.IsImage(file.Name))];
        var counts = new int[reading?.Splits.Count ?? 0][];
        for (int s = 0; s < counts.Length; s++)
        {
            counts[s] = new int[reading!.Classes.Count];
            foreach (LabelledFile file in reading.Splits[s].Files.Where(file => file.Label >= 0)) counts[s][file.Label]++;
        }
        return new DataDescription
        {
            Source = tree.Description,
            Kind = tree.Kind,
            Layout = reading?.Layout,
            Root = reading?.Root ?? "",
            Splits = [.. reading?.Splits.Select(split =>
                new SplitDescription(
                    split.Name, split.Folders, split.Images, split.Fault is null
                        ? split.Files.Count(file => file.Label >= 0) : 0, split.Fault)) ?? []],
            Classes = [.. reading?.Classes.Select(
                (info, i) => new ClassDescription(info.Id, info.Name, [.. counts.Select(split => split[i])])) ?? []],
            Images = images.Length,
            Bytes = images.Sum(file => file.Size),
            Skipped =
            [
                .. tree.Files.Where(file => !tree.IsImage(file.Name))
                    .GroupBy(file => ImageFiles.Ending(file.Name).ToLowerInvariant(), StringComparer.Ordinal)
                    .Select(group => new SkippedFiles(group.Key, group.Count(), ImageFiles.IsUnreadImage(group.First().Name)))
                    .OrderByDescending(skip => skip.Files).ThenBy(skip => skip.Ending, StringComparer.Ordinal),
            ],
            FollowedLinks = tree.FollowedLinks,
            BrokenLinks = tree.BrokenLinks,
            Notes = reading?.Notes ?? [],
            Problem = problem,
        };
    }
}
