import {
  IconAnchor, IconApple, IconAward, IconBeach, IconBed, IconBike, IconBuildingBank, IconBuildingFactory2, IconBuildingHospital, IconBuildingStore,
  IconBuildingWarehouse, IconBulb, IconBus, IconCamera, IconCar, IconCertificate, IconChartBar, IconChefHat, IconClock, IconCloud, IconCode,
  IconCoffee, IconCreditCard, IconCube, IconDatabase, IconDeviceDesktop, IconDeviceMobile, IconDiamond, IconDog, IconFlag, IconFlask, IconGift,
  IconGlobe, IconHammer, IconHeart, IconHome, IconKey, IconLeaf, IconLink, IconMap, IconMessage, IconMicroscope, IconMovie, IconMusic, IconPaint,
  IconPaw, IconPlane, IconPlant, IconPrinter, IconPuzzle, IconRecycle, IconRocket, IconRoute, IconSailboat, IconSchool, IconScissors, IconServer,
  IconShip, IconShoppingCart, IconSofa, IconStar, IconStethoscope, IconSun, IconTractor, IconTrain, IconTree, IconTruck, IconUmbrella, IconWallet,
  IconWindmill, type Icon as TablerIcon,
} from '@tabler/icons-react';
import type { CSSProperties } from 'react';

/** Icons an administrator can give to an object of their own. */
export const GALLERY: Record<string, TablerIcon> = {
  anchor: IconAnchor, sailboat: IconSailboat, ship: IconShip, car: IconCar, truck: IconTruck, bus: IconBus, train: IconTrain, plane: IconPlane, bike: IconBike,
  tractor: IconTractor, home: IconHome, 'building-store': IconBuildingStore, 'building-factory': IconBuildingFactory2, 'building-bank': IconBuildingBank,
  'building-hospital': IconBuildingHospital, 'building-warehouse': IconBuildingWarehouse, school: IconSchool, bed: IconBed, sofa: IconSofa, key: IconKey,
  hammer: IconHammer, scissors: IconScissors, paint: IconPaint, flask: IconFlask, microscope: IconMicroscope, stethoscope: IconStethoscope, heart: IconHeart,
  star: IconStar, award: IconAward, certificate: IconCertificate, flag: IconFlag, gift: IconGift, diamond: IconDiamond, bulb: IconBulb, rocket: IconRocket,
  puzzle: IconPuzzle, leaf: IconLeaf, plant: IconPlant, tree: IconTree, apple: IconApple, paw: IconPaw, dog: IconDog, sun: IconSun, cloud: IconCloud,
  umbrella: IconUmbrella, beach: IconBeach, windmill: IconWindmill, recycle: IconRecycle, coffee: IconCoffee, 'chef-hat': IconChefHat, music: IconMusic,
  movie: IconMovie, camera: IconCamera, globe: IconGlobe, map: IconMap, route: IconRoute, link: IconLink, message: IconMessage, clock: IconClock,
  'chart-bar': IconChartBar, 'credit-card': IconCreditCard, wallet: IconWallet, 'shopping-cart': IconShoppingCart, printer: IconPrinter,
  'device-desktop': IconDeviceDesktop, 'device-mobile': IconDeviceMobile, server: IconServer, database: IconDatabase, code: IconCode,
};

export function GalleryIcon({ name, size, style }: { name: string; size: number; style?: CSSProperties }) {
  const Found = GALLERY[name] ?? IconCube;
  return <Found size={size} stroke={1.75} aria-hidden style={{ flex: 'none', ...style }} />;
}
