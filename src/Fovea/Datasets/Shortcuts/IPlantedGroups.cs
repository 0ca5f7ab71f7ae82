namespace Fovea.Datasets;

/// <summary>Images into which a shortcut was planted: for each it is known whether it shows it.</summary>
public interface IPlantedGroups
{
    /// <summary>What was planted; null: nothing.</summary>
    PlantedShortcut? Shortcut { get; }

    /// <summary>Whether an image shows the shortcut; false where nothing was planted.</summary>
    bool IsPlanted(int index);
}
